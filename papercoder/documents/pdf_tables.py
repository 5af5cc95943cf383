"""Lines of a table as Markdown: columns from the gutters between cells, groups of rows from the rules."""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from papercoder.documents.pdf_graphics import Rule
from papercoder.documents.pdf_lines import Cell, Line
from papercoder.documents.tables import markdown_table

SAME_ROW = 0.45
OFF_GRID = 0.75
SPANNING_ROWS = 0.25
TOUCH = 0.5
MAX_HEAD = 4
NUMERIC = re.compile(r"[^A-Za-z]*\d[^A-Za-z]*")

Column = tuple[float, float]


@dataclass
class Row:
    """What stands on one line; `group` counts the rules above it."""

    y: float
    pieces: list[Cell]
    group: int = 0


def table_text(lines: Sequence[Line], rules: Sequence[Rule] = ()) -> str:
    """A Markdown table where columns can be told, else the rows as they are."""
    rows = _rows(lines)
    for row in rows:
        row.group = sum(rule.y > row.y for rule in rules)
    rows = _on_grid(rows)
    columns = _columns(rows)
    if len(columns) < 2:
        return "\n".join(" | ".join(cell.text for cell in row.pieces) for row in rows)
    return markdown_table(_joined(_with_head(rows, columns, len(rules))))


def _rows(lines: Sequence[Line]) -> list[Row]:
    """Pieces by row; those of one row may have been drawn apart."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: (line.page, -line.y, line.x0)):
        if rows and abs(rows[-1].y - line.y) < SAME_ROW * line.size:
            rows[-1].pieces.extend(line.pieces)
        else:
            rows.append(Row(line.y, list(line.pieces)))
    for row in rows:
        row.pieces.sort(key=lambda piece: piece.x0)
    return rows


def _on_grid(rows: list[Row]) -> list[Row]:
    """A cell for several rows stands between two of them: it goes to the first row of its group, or the one above."""
    if len(rows) < 3:
        return rows
    pitch = statistics.median(a.y - b.y for a, b in zip(rows, rows[1:], strict=False))
    kept = [rows[0]]
    for before, row, after in zip(rows, rows[1:], rows[2:], strict=False):
        between = max(before.y - row.y, row.y - after.y) < OFF_GRID * pitch
        if between and len(row.pieces) == 1:
            _place(row, kept)
        else:
            kept.append(row)
    return [*kept, rows[-1]]


def _place(row: Row, above: list[Row]) -> None:
    group = [other for other in above if other.group == row.group] or above[-1:]
    free = all(_shared(row.pieces[0], (piece.x0, piece.x1)) < 0 for other in group for piece in other.pieces)
    target = group[0] if free else group[-1]
    target.pieces = sorted([*target.pieces, *row.pieces], key=lambda piece: piece.x0)


def _columns(rows: list[Row]) -> list[Column]:
    """The extent of each column: what cells that do not span several of them cover."""
    extents = sorted((piece.x0, piece.x1) for row in rows for piece in row.pieces if not _spans(piece, rows))
    merged: list[Column] = []
    for start, end in extents:
        if merged and start < merged[-1][1] + TOUCH:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _spans(piece: Cell, rows: list[Row]) -> bool:
    """Whether a piece stands over two pieces or more of many rows."""
    over = sum(sum(_shared(piece, (other.x0, other.x1)) > TOUCH for other in row.pieces) > 1 for row in rows)
    return over >= max(1, round(SPANNING_ROWS * len(rows)))


def _shared(cell: Cell, column: Column) -> float:
    """How much a cell and a column share; negative, the distance between them."""
    return min(cell.x1, column[1]) - max(cell.x0, column[0])


def _with_head(rows: list[Row], columns: list[Column], rules: int) -> list[list[str]]:
    """The cells of all rows; those over the first inner rule become one head."""
    placed = [_placed(row, columns) for row in rows]
    head = [row for row in rows if row.group == rows[0].group]
    if 1 < len(head) <= MAX_HEAD and len(head) < len(rows) and rules > 2 and not _is_data(placed[: len(head)]):
        above = [_placed(row, columns, repeated=True) for row in head]
        merged = [" ".join(filter(None, texts)) for texts in zip(*above, strict=True)]
        return [merged, *_first_cells(placed[len(head) :], [row.group for row in rows[len(head) :]])]
    return _first_cells(placed, [row.group for row in rows])


def _is_data(rows: list[list[str]]) -> bool:
    cells = [cell for row in rows for cell in row[1:] if cell]
    return sum(bool(NUMERIC.fullmatch(cell)) for cell in cells) > 0.5 * len(cells)


def _placed(row: Row, columns: list[Column], *, repeated: bool = False) -> list[str]:
    """A row's texts by column; one over several columns stands in the first, or `repeated` in each."""
    cells = [""] * len(columns)
    for piece in row.pieces:
        under = [index for index, column in enumerate(columns) if _shared(piece, column) > TOUCH]
        if not under:
            under = [max(range(len(columns)), key=lambda index: _shared(piece, columns[index]))]
        for index in under if repeated else under[:1]:
            cells[index] = f"{cells[index]} {piece.text}".strip()
    return cells


def _first_cells(rows: list[list[str]], groups: list[int]) -> list[list[str]]:
    """The name of a group of rows, printed beside its middle, moves up to its first row."""
    for start in range(1, len(rows)):
        if groups[start] == groups[start - 1]:
            continue
        end = next((at for at in range(start, len(rows)) if groups[at] != groups[start]), len(rows))
        named = [at for at in range(start, end) if rows[at][0]]
        if len(named) == 1 and named[0] > start and sum(map(bool, rows[named[0]])) > 1:
            rows[start][0], rows[named[0]][0] = rows[named[0]][0], ""
    return rows


def _joined(rows: list[list[str]]) -> list[list[str]]:
    """A line with a single text, in a column where the row above has one too, goes on with that text."""
    joined = rows[:1]
    for row in rows[1:]:
        filled = [index for index, cell in enumerate(row) if cell]
        alone = len(filled) == 1 and filled[0] > 0 and len(joined) > 1
        if alone and joined[-1][filled[0]] and not NUMERIC.fullmatch(row[filled[0]]):
            joined[-1][filled[0]] += " " + row[filled[0]]
        else:
            joined.append(row)
    return joined
