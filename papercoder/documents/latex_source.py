"""The files of a LaTeX source, from a folder or an archive, and nothing outside them."""

import json
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
TEXT_SUFFIXES = (*MAIN_SUFFIXES, ".bbl", ".sty")
READMES = ("00README.json", "00README.XXX")
"""Where arXiv keeps which file is compiled, in its present and its former form."""
TOPLEVEL = re.compile(r"^\s*(\S+)\s+toplevelfile\b", re.MULTILINE)
MAIN_COMMANDS = re.compile(r"^[^%\n]*\\document(?:class|style)", re.MULTILINE)
STRUCTURE = re.compile(r"^[^%\n]*\\(?:begin|(?:sub)*section|chapter|title|document(?:class|style))\b", re.MULTILINE)
PART_CLASSES = re.compile(
    r"^[^%\n]*\\documentclass\s*(?:\[[^\]]*\]\s*)?\{(?:standalone|subfiles|beamer)\}", re.MULTILINE
)
"""Of a figure, of a chapter, or of slides: none of them is another paper."""
BODY = re.compile(r"^[^%\n]*\\begin\s*\{document\}", re.MULTILINE)


@dataclass
class Source:
    """Text files by their path inside the source; `main` is where reading starts."""

    main: str
    names: list[str]
    load: Callable[[str], str]
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Files that could have been the main one as well."""
    images: Callable[[list[str]], Shelf] = lambda folders: lambda names: {}
    """Images of the source, given the folders that they are looked for in."""

    def find(self, name: str, parent: str = "") -> str:
        """The path of an ``\\input`` name, or an empty string if no such file belongs to this source.

        Names are as seen from the main file, and those of subfiles as seen from the file that names them.
        """
        homes = (posixpath.dirname(self.main), "", posixpath.dirname(parent))
        paths = [posixpath.normpath(posixpath.join(home, name)) for home in homes]
        if name.startswith(("/", "~", "|", "\\")) or ":" in name or all(path.startswith("..") for path in paths):
            self.refused.append(name)
            return ""
        candidates = [candidate for path in paths for candidate in (path, path + ".tex")]
        return next((candidate for candidate in candidates if candidate in self._known()), "")

    def package(self, name: str) -> str:
        """The path of a package that lies beside the paper, or an empty string for one of TeX's own."""
        paths = (posixpath.normpath(posixpath.join(home, f"{name}.sty")) for home in (posixpath.dirname(self.main), ""))
        return next((path for path in paths if path in self._known()), "")

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

    others: list[str] = []
    if not main:
        if not any(_is_main(name) for name in names):
            beside_it = sorted(file.relative_to(root).as_posix() for file in islice(root.rglob("*"), MAX_FILES))
            raise DocumentError(f"{root}: no .tex file in the folder. {_what_to_give(beside_it)}")
        main, *others = _mains(names, load, str(root))
    return Source(main, names, load, others=others, images=partial(beside, root))


def _names(root: Path) -> Iterator[str]:
    """Text files below a folder; links that lead out of it are not part of it."""
    for file in islice(root.rglob("*"), MAX_FILES):
        wanted = file.name.lower().endswith(TEXT_SUFFIXES) or file.name in READMES
        if wanted and file.is_file() and file.resolve().is_relative_to(root):
            yield file.relative_to(root).as_posix()


def _archive(path: Path) -> Source:
    found = unpack(path, (*TEXT_SUFFIXES, *READMES))
    names = sorted(found.files)

    def load(name: str) -> str:
        return decode(found.files[name])

    if not any(_is_main(name) for name in names):
        raise DocumentError(f"{path}: no .tex file in the archive. {_what_to_give(found.others)}")
    main, *others = _mains(names, load, str(path))
    return Source(main, names, load, warnings=found.warnings, others=others, images=partial(packed, path))


def _what_to_give(others: list[str]) -> str:
    papers = [name for name in others if name.lower().endswith((".pdf", ".html", ".md", ".docx"))]
    inner = next((name for name in others if name.endswith(ARCHIVES)), "")
    if inner and not papers:
        return f"It holds another archive, {inner}, and archives inside archives are not opened: unpack that one."
    return f"Give what is in it: {' or '.join(papers[:3])}." if papers else "Give the paper itself."


def _is_main(name: str) -> bool:
    return name.lower().endswith(MAIN_SUFFIXES)


def _mains(names: list[str], load: Callable[[str], str], where: str) -> list[str]:
    r"""The file that is compiled, and others that could be.

    That is the one that arXiv names, or else those with both `\documentclass` and `\begin{document}`, the shallowest,
    then the longest, first; a preamble may be in a file of its own.  A source of one file need not have them, if it is
    LaTeX at all: arXiv puts a sentence in place of a withdrawn paper.
    """
    texts = {name: load(name) for name in names if _is_main(name)}
    named = [name for readme in READMES if readme in names for name in _toplevel(load(readme)) if name in texts]
    if named:
        return named[:1]
    if len(texts) == 1 and all(STRUCTURE.search(text) for text in texts.values()):
        return list(texts)
    bodies = {name: text for name, text in texts.items() if BODY.search(text)}
    whole = {name: text for name, text in bodies.items() if MAIN_COMMANDS.search(text)}
    if not whole and any(map(MAIN_COMMANDS.search, texts.values())):
        whole = bodies
    if not whole:
        raise DocumentError(f"{where}: no .tex file with \\documentclass and \\begin{{document}}. Give the main file.")
    papers = {name: text for name, text in whole.items() if not PART_CLASSES.search(text)} or whole
    return sorted(papers, key=lambda name: (name.count("/"), -len(papers[name]), name))


def _toplevel(readme: str) -> list[str]:
    """The files that arXiv compiles by themselves."""
    try:
        sources = json.loads(readme)["sources"]
        return [
            one["filename"] for one in sources if one.get("usage") == "toplevel" and isinstance(one["filename"], str)
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return TOPLEVEL.findall(readme)
