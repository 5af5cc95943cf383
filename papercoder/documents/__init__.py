"""Paper in, `Paper` out: one reader a format, chosen by content."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from papercoder.documents.errors import DocumentError
from papercoder.documents.formats import SUPPORTED, Format, format_of
from state.paper import Paper

if TYPE_CHECKING:
    from papercoder.documents.album import Images, Shelf

__all__ = ["DocumentError", "doubted", "read_paper"]

MAX_BYTES = 200_000_000
FEWEST_WORDS = 60
FEWEST_WORDS_OF_PROSE = 300
"""Of a text without formulas, tables, algorithms and a second heading: an abstract, or a page about a paper."""
READERS: dict[Format, tuple[str, str]] = {
    "PDF": ("pdf", "read_pdf"),
    "LaTeX": ("latex", "read_latex"),
    "HTML": ("html", "read_html"),
    "Markdown": ("markdown", "read_markdown"),
    "JSON": ("s2orc", "read_s2orc"),
    "TEI": ("tei", "read_tei"),
    "DOCX": ("office", "read_office"),
    "ODT": ("office", "read_office"),
    "RTF": ("office", "read_office"),
    "EPUB": ("epub", "read_epub"),
    "PPTX": ("elements", "read_elements"),
    "e-mail": ("elements", "read_elements"),
    "Outlook": ("elements", "read_elements"),
}
"""Module and function of each format's reader: only the one that is needed is imported."""
PICTURED: frozenset[Format] = frozenset({"PDF", "LaTeX", "HTML", "Markdown", "DOCX", "ODT", "EPUB"})
"""Formats whose readers take an album for the images of figures."""


def read_paper(path: Path, images: "Images | None" = None, fetch: "Shelf | None" = None) -> Paper:
    """Read a paper of any supported format; raise `DocumentError` if it cannot be read.

    The bytes of its figures' images go into `images`, where that is given.  `fetch` gets what a page names, where
    the page itself was fetched.
    """
    try:
        _check(path)
        found, warning = format_of(path)
        paper = _read(path, found, images, fetch)
        if not paper.blocks():
            raise DocumentError(f"{path}: no text was found in it. Check that it is the paper, and all of it.")
    except OSError as error:
        cause = error.strerror or str(error)
        raise DocumentError(f"{path}: cannot be opened ({cause}). Check the path and its permissions.") from error
    return paper.model_copy(update={"warnings": (warning, *paper.warnings)}) if warning else paper


def doubted(paper: Paper) -> Paper:
    """The paper, with a warning where there is too little of it to be one."""
    blocks = paper.blocks()
    words = sum(len(f"{block.text} {block.caption}".split()) for block in blocks)
    is_prose = len(paper.sections) <= 1 and not any(
        block.kind in ("equation", "table", "algorithm") for block in blocks
    )
    if words >= (FEWEST_WORDS_OF_PROSE if is_prose else FEWEST_WORDS):
        return paper
    found = f"{words} words were" if words != 1 else "1 word was"
    doubt = f"Only {found} found, too little for a paper: see whether this is the right file, and all of it."
    return paper.model_copy(update={"warnings": (doubt, *paper.warnings)})


def _read(path: Path, found: Format, images: "Images | None", fetch: "Shelf | None") -> Paper:
    if images is None or found not in PICTURED:
        return _reader(found)(path)
    from papercoder.documents.album import Album, with_images

    album = Album(shelf=fetch) if fetch else Album()
    return with_images(_reader(found)(path, album), album, images)


def _check(path: Path) -> None:
    if path.is_dir():
        return
    if not path.exists():
        raise DocumentError(f"{path}: there is no such file. Check the path.")
    if not path.is_file():
        raise DocumentError(f"{path}: not an ordinary file. Supported: {SUPPORTED}.")
    size = path.stat().st_size
    if size == 0:
        raise DocumentError(f"{path}: the file is empty. Download or copy the paper again.")
    if size > MAX_BYTES:
        raise DocumentError(f"{path}: {size:,} bytes, more than the {MAX_BYTES:,} allowed. Give the paper alone.")


def _reader(found: Format) -> Callable[..., Paper]:
    module, function = READERS[found]
    reader: Callable[..., Paper] = getattr(import_module(f"papercoder.documents.{module}"), function)
    return reader
