"""Characters to lines, with sub- and superscripts read from their size and height."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from papercoder.documents.pdf_glyphs import Glyph, Page

CELL_GAP = 1.1
PIECE_GAP = 0.45
SCRIPT_SIZE = 0.86
TINY = 0.62
ABOVE, BELOW = 0.12, 0.06
RISE, DROP = 0.62, 0.45


@dataclass
class Cell:
    """Characters of a line without a wide gap between them."""

    x0: float
    x1: float
    text: str


@dataclass
class Line:
    page: int
    y: float
    x0: float
    x1: float
    size: float
    bold: bool
    font: str
    math_share: float
    pieces: list[Cell] = field(default_factory=list)
    """Parted by more than the space between two words: the cells of a narrow table."""
    cells: list[Cell] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)

    @property
    def width(self) -> float:
        return self.x1 - self.x0


def page_lines(page: Page) -> Iterator[Line]:
    """The lines of a page in the order in which the PDF draws them."""
    for glyphs in _rows(page.glyphs):
        line = _line(page.number, glyphs)
        if line:
            yield line


def linear(glyphs: list[Glyph]) -> str:
    """Glyphs of a part of a formula in one line."""
    return " ".join(line.text for row in _rows(glyphs) if (line := _line(0, row)))


def _rows(glyphs: Iterable[Glyph]) -> Iterator[list[Glyph]]:
    row: list[Glyph] = []
    base: Glyph | None = None
    for glyph in glyphs:
        if glyph.text == " " and not row:
            continue
        if base and not _continues(base, row[-1], glyph):
            yield row
            row, base = [], None
        row.append(glyph)
        if glyph.text != " " and (base is None or glyph.font.size > base.font.size * 1.05):
            base = glyph
    if row:
        yield row


def _continues(base: Glyph, last: Glyph, glyph: Glyph) -> bool:
    """Whether a character stands on the line of those before it."""
    size = max(base.font.size, glyph.font.size)
    height = glyph.y - base.y
    if glyph.font.size > base.font.size * 1.05:
        height = -height
    if not -DROP * size <= height <= RISE * size and not _is_script_of_script(base, last, glyph, height):
        return False
    back = 2.5 if min(glyph.font.size, last.font.size) < SCRIPT_SIZE * size else 0.6
    return glyph.x0 >= last.x1 - back * size


def _is_script_of_script(base: Glyph, last: Glyph, glyph: Glyph, height: float) -> bool:
    size = base.font.size
    near = 0 <= glyph.x0 - last.x0 < size and last.font.size < SCRIPT_SIZE * size
    return near and glyph.font.size < TINY * size and -0.7 * size < height < 0.95 * size


def _line(page: int, glyphs: list[Glyph]) -> Line | None:
    inked = [glyph for glyph in glyphs if glyph.text != " "]
    if not inked:
        return None
    sizes = Counter[float]()
    for glyph in inked:
        sizes[glyph.font.size] += 1
    largest = max(sizes)
    size = max((value for value in sizes if value >= SCRIPT_SIZE * largest), key=lambda value: (sizes[value], value))
    main = [glyph for glyph in inked if glyph.font.size == size]
    heights = sorted(glyph.y for glyph in main)
    pieces = list(_pieces(glyphs, heights[len(heights) // 2], size))
    return Line(
        page=page,
        y=heights[len(heights) // 2],
        x0=min(glyph.x0 for glyph in inked),
        x1=max(glyph.x1 for glyph in inked),
        size=size,
        bold=sum(glyph.font.bold for glyph in main) > len(main) / 2,
        font=Counter(glyph.font.name for glyph in main).most_common(1)[0][0],
        math_share=sum(glyph.font.math for glyph in inked) / len(inked),
        pieces=pieces,
        cells=_cells(pieces, size),
    )


def _cells(pieces: list[Cell], size: float) -> list[Cell]:
    cells: list[Cell] = []
    for piece in pieces:
        if cells and piece.x0 - cells[-1].x1 <= CELL_GAP * size:
            cells[-1] = Cell(cells[-1].x0, max(cells[-1].x1, piece.x1), f"{cells[-1].text} {piece.text}")
        else:
            cells.append(Cell(piece.x0, piece.x1, piece.text))
    return cells


def _pieces(glyphs: list[Glyph], baseline: float, size: float) -> Iterator[Cell]:
    piece: list[Glyph] = []
    end = 0.0
    for glyph in glyphs:
        if glyph.text != " " and piece and glyph.x0 - end > PIECE_GAP * size:
            yield _cell(piece, baseline, size)
            piece = []
        if glyph.text != " ":
            end = max(end, glyph.x1) if piece else glyph.x1
        if glyph.text != " " or piece:
            piece.append(glyph)
    if piece:
        yield _cell(piece, baseline, size)


def _cell(glyphs: list[Glyph], baseline: float, size: float) -> Cell:
    inked = [glyph for glyph in glyphs if glyph.text != " "]
    text = " ".join(_scripted(glyphs, baseline, size).split())
    return Cell(min(glyph.x0 for glyph in inked), max(glyph.x1 for glyph in inked), text)


def _scripted(glyphs: list[Glyph], baseline: float, size: float) -> str:
    """Text with ``_`` before what is set below the line and ``^`` before what is set above it."""
    parts: list[str] = []
    level, run = "", ""
    for glyph in glyphs:
        new = level if glyph.text == " " else _level(glyph, baseline, size)
        if new != level:
            parts.append(_script(level, run))
            level, run = new, ""
        run += glyph.text
    parts.append(_script(level, run))
    return "".join(parts)


def _level(glyph: Glyph, baseline: float, size: float) -> str:
    if glyph.font.size >= SCRIPT_SIZE * size:
        return ""
    height = glyph.y - baseline
    if height > ABOVE * size:
        return "^"
    return "_" if height < -BELOW * size else ""


def _script(level: str, run: str) -> str:
    inner = run.strip()
    if not level or not inner:
        return run
    after = " " if run.endswith(" ") else ""
    return f"{level}{inner}{after}" if len(inner) == 1 or inner.isdigit() else f"{level}{{{inner}}}{after}"
