"""The files of a LaTeX source, from a folder or an archive, and nothing outside them."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from papercoder.documents.album import Shelf
from papercoder.documents.archive import ARCHIVES, MAX_FILE_BYTES, is_archive, unpack
from papercoder.documents.errors import DocumentError
from papercoder.documents.plain import decode
from papercoder.documents.shelves import beside, packed

MAX_FILES = 2_000
MAIN_SUFFIXES = (".tex", ".ltx")
TEXT_SUFFIXES = (*MAIN_SUFFIXES, ".bbl")
MAIN_COMMANDS = re.compile(r"^[^%\n]*\\documentclass", re.MULTILINE)
BODY = re.compile(r"^[^%\n]*\\begin\s*\{document\}", re.MULTILINE)


@dataclass
class Source:
    """Text files by their path inside the source; `main` is where reading starts."""

    main: str
    names: list[str]
    load: Callable[[str], str]
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    images: Callable[[list[str]], Shelf] = lambda folders: lambda names: {}
    """Images of the source, given the folders that they are looked for in."""

    def find(self, name: str) -> str:
        """The path of an ``\\input`` name, or an empty string if no such file belongs to this source."""
        if name.startswith(("/", "~", "|", "\\")) or ":" in name or ".." in name.split("/"):
            self.refused.append(name)
            return ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.main), name))
        candidates = (path, path + ".tex", posixpath.normpath(name), posixpath.normpath(name) + ".tex")
        return next((candidate for candidate in candidates if candidate in self._known()), "")

    def shelf(self, folders: list[str]) -> Shelf:
        """Its images; `folders` are those that it names itself, as seen from the main file."""
        home = posixpath.dirname(self.main)
        return self.images([home, *(posixpath.join(home, folder) for folder in folders), ""])

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
        packed = is_archive(file.read(512))
    return _archive(path) if packed else _folder(path.parent, path.name)


def _folder(root: Path, main: str) -> Source:
    root = root.resolve()
    names = sorted(_names(root)) if not main else sorted({main, *_names(root)})

    def load(name: str) -> str:
        file = root / name
        if file.stat().st_size > MAX_FILE_BYTES:
            raise DocumentError(f"{file}: larger than {MAX_FILE_BYTES:,} bytes. Take it out of the source.")
        return decode(file.read_bytes())

    main = main or _main(names, load, str(root))
    return Source(main, names, load, images=partial(beside, root))


def _names(root: Path) -> Iterator[str]:
    """Text files below a folder; links that lead out of it are not part of it."""
    for file in islice(root.rglob("*"), MAX_FILES):
        if file.suffix in TEXT_SUFFIXES and file.is_file() and file.resolve().is_relative_to(root):
            yield file.relative_to(root).as_posix()


def _archive(path: Path) -> Source:
    found = unpack(path, TEXT_SUFFIXES)
    names = sorted(found.files)

    def load(name: str) -> str:
        return decode(found.files[name])

    if not any(name.endswith(MAIN_SUFFIXES) for name in names):
        raise DocumentError(f"{path}: no .tex file in the archive. {_what_to_give(found.others)}")
    main = _main(names, load, str(path))
    return Source(main, names, load, warnings=found.warnings, images=partial(packed, path))


def _what_to_give(others: list[str]) -> str:
    inner = next((name for name in others if name.endswith(ARCHIVES)), "")
    if inner:
        return f"It holds another archive, {inner}, and archives inside archives are not opened: unpack that one."
    paper = next((name for name in others if name.lower().endswith((".pdf", ".html", ".md", ".docx"))), "")
    return f"Unpack it and give {paper}." if paper else "Give the paper itself."


def _main(names: list[str], load: Callable[[str], str], where: str) -> str:
    """The file with both ``\\documentclass`` and ``\\begin{document}``; the shallowest, then the longest."""
    candidates = []
    for name in names:
        if name.endswith(MAIN_SUFFIXES):
            text = load(name)
            if MAIN_COMMANDS.search(text) and BODY.search(text):
                candidates.append((name.count("/"), -len(text), name))
    if not candidates:
        raise DocumentError(f"{where}: no .tex file with \\documentclass and \\begin{{document}}. Give the main file.")
    return min(candidates)[2]
