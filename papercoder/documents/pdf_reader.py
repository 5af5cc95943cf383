"""A paper from a PDF: pages to lines, lines to sections, with pypdfium2."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from papercoder.documents.album import Album
from papercoder.documents.builder import PaperBuilder
from papercoder.documents.errors import DocumentError
from papercoder.documents.pdf_accents import with_accents
from papercoder.documents.pdf_body import Body
from papercoder.documents.pdf_floats import Float, Floats
from papercoder.documents.pdf_formulas import with_formulas
from papercoder.documents.pdf_front import authors, title_lines
from papercoder.documents.pdf_glyphs import MAX_PAGES, Page, pages
from papercoder.documents.pdf_headings import Headings, outline_titles
from papercoder.documents.pdf_layout import Layout, layout, without_running_lines
from papercoder.documents.pdf_lines import Line, page_lines
from papercoder.documents.pdf_ocr import INSTALL
from papercoder.documents.pdf_regions import Regions
from papercoder.documents.pdf_text import Joiner
from state.paper import Paper

FRONT_LINES = 250
ABSTRACT = re.compile(r"(?:Abstract|ABSTRACT|Summary)\s*[.:—–-]+\s*(?=\S)")
MIN_CHARACTERS = 40
MOST_NAMED = 20
"""Pages that a message names by their numbers."""
PASSWORD_ERROR = 4


def read(path: Path, album: Album | None = None) -> Paper:
    """Read a PDF that has a text layer; into the album comes where its figures stand."""
    found, lines, outline = _load(path)
    builder = PaperBuilder("pdf")
    _check_text(path, found, lines, builder)
    every, lines = lines, without_running_lines(found, lines)
    shape = layout(found, lines)
    kept = {id(line) for line in lines}
    running = [line for line in every if id(line) not in kept]
    regions = Regions(path, found, lines, running, shape) if album else None

    def show(anchor: str, figure: Float, floats: Floats) -> None:
        if album and regions:
            album.add(anchor, regions.of(figure, floats))

    _read(lines, shape, outline, builder, show)
    if regions:
        regions.close()
    builder.title = builder.title or path.stem
    return builder.build()


def _load(path: Path) -> tuple[list[Page], list[Line], dict[tuple[int, str], int]]:
    """The pages without their glyphs, which are put together to lines as they come."""
    import pypdfium2

    document = _open(path)
    found: list[Page] = []
    lines: list[Line] = []
    recognise = _recogniser(document)
    try:
        for page in pages(document):
            page.glyphs = with_formulas(with_accents(page.glyphs), page.rules)
            own = list(page_lines(page))
            if page.is_scan and _length(own) < MIN_CHARACTERS:
                own = recognise(page) or own
                page.recognised = _length(own)
            page.is_scan &= _length(own) < MIN_CHARACTERS
            lines += own
            page.glyphs = []
            found.append(page)
        return found, lines, outline_titles(document)
    except pypdfium2.PdfiumError as error:
        raise DocumentError(
            f"{path}: a page of the PDF is damaged ({str(error).rstrip('.')}). Download it again."
        ) from error
    finally:
        document.close()


def _length(lines: list[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _recogniser(document: Any) -> Callable[[Page], list[Line]]:
    """OCR of a page, as far as it is installed and has not been asked too often."""
    from papercoder.documents import pdf_ocr

    engines: list[pdf_ocr.Recogniser] = []
    asked = 0

    def recognise(page: Page) -> list[Line]:
        nonlocal asked
        asked += 1
        if asked > pdf_ocr.MAX_PAGES or not pdf_ocr.is_installed():
            return []
        engines[:] = engines or [pdf_ocr.Recogniser()]
        return engines[0].lines(document[page.number - 1], page.number)

    return recognise


def _open(path: Path) -> Any:
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        document = pypdfium2.PdfDocument(path)
        if len(document) > 0:
            return document
    except pypdfium2.PdfiumError as error:
        if pdfium.FPDF_GetLastError() == PASSWORD_ERROR or "password" in str(error).lower():
            raise DocumentError(
                f"{path}: the PDF is encrypted. Save a copy without a password and give that."
            ) from error
        raise DocumentError(
            f"{path}: the PDF is damaged or cut short ({str(error).rstrip('.')}). Download it again."
        ) from error
    raise DocumentError(f"{path}: the PDF has no pages. Download it again.")


def _check_text(path: Path, found: list[Page], lines: list[Line], builder: PaperBuilder) -> None:
    scans = [page for page in found if page.is_scan]
    if _length(lines) < MIN_CHARACTERS:
        if scans:
            raise DocumentError(
                f"{path}: {_are(scans, 'image')}, without text to read. Install OCR with "
                f"`{INSTALL}`, run ocrmypdf on the file, or give the paper's LaTeX source."
            )
        raise DocumentError(f"{path}: there is no text on its pages. Check that it is the paper.")
    if scans:
        builder.warn(f"{_are(scans, 'image')} without text, and left out; to read them: {INSTALL}.")
    recognised = [page for page in found if page.recognised]
    if recognised:
        builder.warn(f"{_pages(recognised)}: read by OCR. Check numbers and formulas against the paper.")
    if hidden := sum(page.hidden for page in found):
        where = _pages([page for page in found if page.hidden]).lower()
        builder.warn(f"{hidden} characters that no reader can see were left out ({where}).")
    turned = [page for page in found if page.rotated > 100 and page.number > 1]
    if turned:
        builder.warn(f"Text turned on its side was left out ({_pages(turned).lower()}).")
    if len(found) == MAX_PAGES:
        builder.warn(f"Only the first {MAX_PAGES} pages were read.")


def _pages(found: list[Page]) -> str:
    numbers = [str(page.number) for page in found]
    more = f" and {len(numbers) - MOST_NAMED} more" if len(numbers) > MOST_NAMED else ""
    return f"Page{'s' * (len(numbers) > 1)} {', '.join(numbers[:MOST_NAMED])}{more}"


def _are(found: list[Page], what: str) -> str:
    several = len(found) > 1
    return f"{_pages(found)} {'are' if several else 'is an'} {what}{'s' * several}"


def _read(
    lines: list[Line], shape: Layout, outline: dict[tuple[int, str], int], builder: PaperBuilder,
    show: Callable[[str, Float, Floats], None],
) -> None:  # fmt: skip
    headings = Headings(lines, shape, outline)
    start = _front_end(lines, headings)
    front = lines[:start]
    title = title_lines(front or lines, shape)
    builder.title = Joiner(lines).join(title)
    taken = {id(line) for line in title}
    builder.authors = authors([line for line in front if id(line) not in taken])
    body = [line for line in lines if id(line) not in taken] if not start else lines
    if start < len(lines):
        _inline_abstract(lines, start, builder)
    Body(body, shape, Headings(body, shape, outline), builder, show).read(start)


def _front_end(lines: list[Line], headings: Headings) -> int:
    """Where the front matter ends: at the abstract or the first heading."""
    for index in range(min(len(lines), FRONT_LINES)):
        if headings.at(index) or ABSTRACT.match(lines[index].text):
            return index
    return 0


def _inline_abstract(lines: list[Line], start: int, builder: PaperBuilder) -> None:
    """An abstract whose heading runs into its text."""
    match = ABSTRACT.match(lines[start].text)
    if match:
        builder.abstract()
        cell = lines[start].cells[0]
        cell.text = ABSTRACT.sub("", cell.text, count=1)
