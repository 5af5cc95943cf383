"""The files of a LaTeX source, from a folder or an archive, and nothing outside them."""

import gzip
import io
import posixpath
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from papercoder.documents.errors import DocumentError
from papercoder.documents.plain import decode

MAX_FILES = 2_000
MAX_FILE_BYTES = 20_000_000
MAX_UNPACKED_BYTES = 400_000_000
TEXT_SUFFIXES = (".tex", ".bbl", ".ltx")
MAIN_COMMANDS = re.compile(r"^[^%\n]*\\documentclass", re.MULTILINE)
BODY = re.compile(r"^[^%\n]*\\begin\s*\{document\}", re.MULTILINE)


@dataclass
class Source:
    """Text files by their path inside the source; `main` is where reading starts."""

    main: str
    names: list[str]
    load: Callable[[str], str]
    refused: list[str] = field(default_factory=list)

    def find(self, name: str) -> str:
        """The path of an ``\\input`` name, or an empty string if no such file belongs to this source."""
        if name.startswith(("/", "~", "|", "\\")) or ":" in name or ".." in name.split("/"):
            self.refused.append(name)
            return ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.main), name))
        candidates = (path, path + ".tex", posixpath.normpath(name), posixpath.normpath(name) + ".tex")
        return next((candidate for candidate in candidates if candidate in self._known()), "")

    def bibliography(self) -> str:
        """The ``.bbl`` beside the main file, or the only one there is."""
        stem = posixpath.splitext(self.main)[0]
        folder = posixpath.dirname(self.main)
        found = [name for name in self.names if name.endswith(".bbl") and posixpath.dirname(name) == folder]
        return stem + ".bbl" if stem + ".bbl" in found else found[0] if len(found) == 1 else ""

    def _known(self) -> set[str]:
        return set(self.names)


def open_source(path: Path) -> Source:
    """The source at a path: a main file, a folder or an archive."""
    if path.is_dir():
        return _folder(path, "")
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return _archive(path) if packed else _folder(path.parent, path.name)


def _folder(root: Path, main: str) -> Source:
    root = root.resolve()
    names = sorted(_names(root)) if not main else sorted({main, *_names(root)})

    def load(name: str) -> str:
        file = root / name
        if file.stat().st_size > MAX_FILE_BYTES:
            raise DocumentError(f"{file}: larger than {MAX_FILE_BYTES:,} bytes. Take it out of the source.")
        return decode(file.read_bytes())

    return Source(main or _main(names, load, str(root)), names, load)


def _names(root: Path) -> Iterator[str]:
    """Text files below a folder; links that lead out of it are not part of it."""
    for file in islice(root.rglob("*"), MAX_FILES):
        if file.suffix in TEXT_SUFFIXES and file.is_file() and file.resolve().is_relative_to(root):
            yield file.relative_to(root).as_posix()


def _archive(path: Path) -> Source:
    try:
        files = dict(_unpack(path))
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DocumentError(f"{path}: damaged archive ({error}). Download the source again.") from error
    names = sorted(files)
    texts = files.__getitem__

    def load(name: str) -> str:
        return decode(texts(name))

    return Source(_main(names, load, str(path)), names, load)


def _unpack(path: Path) -> Iterator[tuple[str, bytes]]:
    """Text members of a .tar.gz, or the one file of a plain .gz, in memory."""
    with gzip.open(path) as packed:
        start = packed.read(512)
    with gzip.open(path) as packed:
        stream = _Bounded(packed, str(path))
        if start[257:262] != b"ustar":
            yield "main.tex", stream.read(MAX_FILE_BYTES)
            return
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            yield from _members(archive)


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for count, member in enumerate(archive):
        if count >= MAX_FILES:
            return
        name = posixpath.normpath(member.name)
        inside = not name.startswith(("/", ".."))
        if member.isfile() and inside and name.endswith(TEXT_SUFFIXES) and member.size <= MAX_FILE_BYTES:
            content = archive.extractfile(member)
            if content:
                yield name, content.read()


class _Bounded(io.RawIOBase):
    """A stream that refuses to unpack without end."""

    def __init__(self, stream: gzip.GzipFile, name: str) -> None:
        self._stream = stream
        self._name = name
        self._left = MAX_UNPACKED_BYTES

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise DocumentError(f"{self._name}: unpacks to more than {MAX_UNPACKED_BYTES:,} bytes. Unpack it by hand.")
        return data


def _main(names: list[str], load: Callable[[str], str], where: str) -> str:
    """The file with both ``\\documentclass`` and ``\\begin{document}``; the shallowest, then the longest."""
    candidates = []
    for name in names:
        if name.endswith((".tex", ".ltx")):
            text = load(name)
            if MAIN_COMMANDS.search(text) and BODY.search(text):
                candidates.append((name.count("/"), -len(text), name))
    if not candidates:
        raise DocumentError(f"{where}: no .tex file with \\documentclass and \\begin{{document}}. Give the main file.")
    return min(candidates)[2]
