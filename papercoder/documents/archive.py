"""The files of an archive, in memory: nothing is written, and nothing unpacks without end."""

import bz2
import gzip
import io
import lzma
import posixpath
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from papercoder.documents.errors import DocumentError

MAX_MEMBERS = 20_000
MAX_FILE_BYTES = 20_000_000
MAX_KEPT_BYTES = 60_000_000
MAX_UNPACKED_BYTES = 400_000_000
TAR_HEADER = 512
COMPRESSED: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
NO_TEXT = {
    b"%PDF-": "a compressed PDF. Unpack it (gunzip) and give the PDF.",
    b"%!PS": "compressed PostScript. Unpack it (gunzip), convert it with ps2pdf, and give the PDF.",
}
DAMAGED = (
    tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError,
    RuntimeError, ValueError, UnicodeError, OSError,
)  # fmt: skip
"""What the standard library raises on a broken archive; an encrypted zip is a RuntimeError."""


@dataclass
class Unpacked:
    """The members that were asked for, and what a person should know about the others."""

    files: dict[str, bytes] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    sparing: bool = False
    _kept: int = 0

    def spares(self, size: int) -> bool:
        return self.sparing and (size > MAX_FILE_BYTES or self._kept + size > MAX_KEPT_BYTES)

    def keep(self, where: str, name: str, content: bytes) -> None:
        self._kept += len(content)
        if self._kept > MAX_KEPT_BYTES:
            raise _too_large(where, MAX_KEPT_BYTES)
        self.files[name] = content

    def refuse(self, name: str, why: str) -> None:
        self.warnings.append(f"{name!r} in the archive {why} and was not read.")


def is_archive(head: bytes) -> bool:
    """Whether a file that begins so is an archive or compressed."""
    return head.startswith((b"PK\x03\x04", *COMPRESSED)) or head[257:262] == b"ustar"


def unpack(path: Path, suffixes: tuple[str, ...], *, sparing: bool = False) -> Unpacked:
    """The members with these suffixes of a zip or tar archive, or the one file of a plain .gz as ``main.tex``.

    `sparing`: members that are too large are left out, where otherwise the archive would be refused.
    """
    with path.open("rb") as file:
        head = file.read(TAR_HEADER)
    try:
        found = Unpacked(sparing=sparing)
        return _unzip(path, suffixes, found) if head.startswith(b"PK") else _untar(path, head, suffixes, found)
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno:
            raise  # the disk's trouble, not the archive's
        raise DocumentError(f"{path}: damaged archive ({error}). Download it again, or unpack it by hand.") from error


def member_name(name: str) -> str:
    """The name inside the archive, or an empty string for one that leads out of it."""
    plain = posixpath.normpath(name.replace("\\", "/"))
    return "" if plain.startswith(("/", "..")) or plain[1:2] == ":" or "\0" in plain else plain


def _unzip(path: Path, suffixes: tuple[str, ...], found: Unpacked) -> Unpacked:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        check_members(path, members)
        for member in members:
            name = member_name(member.filename)
            if not name:
                found.refuse(member.filename, "leads out of it")
            elif stat.S_ISLNK(member.external_attr >> 16):
                found.refuse(name, "is a link")
            elif _ends(name, suffixes) and not member.is_dir() and not found.spares(member.file_size):
                found.keep(str(path), name, read_member(path, archive, member))
            else:
                found.others.append(name)
    return found


def check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip with too many members, with members that share bytes, or that says it unpacks without end."""
    if len(members) > MAX_MEMBERS:
        raise DocumentError(f"{path}: more than {MAX_MEMBERS:,} files in the archive. Unpack it and give the paper.")
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise DocumentError(f"{path}: files overlap in the archive, which is how zip bombs are made. Unpack it.")
        end = member.header_offset + member.compress_size
    if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise _too_large(str(path), MAX_UNPACKED_BYTES)


def read_member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The content of a member, whatever size its header claims."""
    with archive.open(member) as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise _too_large(f"{path}: {member.filename}", MAX_FILE_BYTES)
    return content


def _untar(path: Path, head: bytes, suffixes: tuple[str, ...], found: Unpacked) -> Unpacked:
    opening = next((opener for magic, opener in COMPRESSED.items() if head.startswith(magic)), None)
    if opening is None:
        with path.open("rb") as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
            return _members(path, archive, suffixes, found)
    with opening(path) as packed:
        start = packed.read(TAR_HEADER)
    with opening(path) as packed:
        stream = _Bounded(packed, str(path))
        if start[257:262] == b"ustar":
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                return _members(path, archive, suffixes, found)
        content = stream.read(MAX_FILE_BYTES + 1)
        if what := next((what for magic, what in NO_TEXT.items() if start.startswith(magic)), ""):
            raise DocumentError(f"{path}: {what}")
        if len(content) > MAX_FILE_BYTES:
            raise _too_large(str(path), MAX_FILE_BYTES)
        found.files["main.tex"] = content
        return found


def _members(path: Path, archive: tarfile.TarFile, suffixes: tuple[str, ...], found: Unpacked) -> Unpacked:
    for member in _counted(path, archive):
        name = member_name(member.name)
        if not name:
            found.refuse(member.name, "leads out of it")
        elif not (member.isfile() or member.isdir()):
            found.refuse(name, "is a link or a device")
        elif not member.isfile() or not _ends(name, suffixes) or found.spares(member.size):
            found.others.append(name)
        elif member.size > MAX_FILE_BYTES:
            raise _too_large(f"{path}: {name}", MAX_FILE_BYTES)
        elif content := archive.extractfile(member):
            found.keep(str(path), name, content.read())
    return found


def _ends(name: str, suffixes: tuple[str, ...]) -> bool:
    return name.endswith(suffixes) or name.lower().endswith(suffixes)


def _counted(path: Path, archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for count, member in enumerate(archive):
        if count >= MAX_MEMBERS:
            raise DocumentError(
                f"{path}: more than {MAX_MEMBERS:,} files in the archive. Unpack it and give the paper."
            )
        yield member


def _too_large(where: str, limit: int) -> DocumentError:
    return DocumentError(f"{where}: unpacks to more than {limit:,} bytes. Unpack it by hand and give the main file.")


class _Bounded(io.RawIOBase):
    """A stream that refuses to unpack without end."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name
        self._left = MAX_UNPACKED_BYTES

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _too_large(self._name, MAX_UNPACKED_BYTES)
        return data
