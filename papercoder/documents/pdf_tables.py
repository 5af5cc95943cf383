"""Lines of a table as Markdown: columns from the gutters between cells, groups of rows from the rules."""

import itertools
import re
import statistics
from collections.abc import Sequence

from papercoder.documents.pdf_columns import TOUCH, Column, Row, columns_of, shared
from papercoder.documents.pdf_graphics import Rule
from papercoder.documents.pdf_lines import Cell, Line
from papercoder.documents.tables import markdown_table

SAME_ROW = 0.45
OFF_GRID = 0.75
MAX_HEAD = 4
GRID = 0.5
ACROSS = 0.9
BAR_BELOW = 10.0
NUMERIC = re.compile(r"[^A-Za-z]*\d[^A-Za-z]*")


def table_text(lines: Sequence[Line], rules: Sequence[Rule] = ()) -> str:
    """A Markdown table where columns can be told, else the rows as they are."""
    rows = _rows(lines)
    borders = _borders(rules)
    for row in rows:
        row.group = sum(border > row.y for border in borders)
    rows = _on_grid(rows)
    columns = columns_of(rows)
    if len(columns) < 2:
        return "\n".join(" | ".join(cell.text for cell in row.pieces) for row in rows)
    return markdown_table(_joined(_with_head(rows, columns, rules)))


def _borders(rules: Sequence[Rule]) -> list[float]:
    """Heights at which rules, in one piece or in several, go across the table."""
    whole = max((rule.width for rule in rules), default=0.0)
    heights: dict[int, float] = {}
    for rule in rules:
        heights[round(rule.y)] = heights.get(round(rule.y), 0.0) + rule.width
    return [float(height) for height, width in heights.items() if width > ACROSS * whole]


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
    pitch = statistics.median(a.y - b.y for a, b in itertools.pairwise(rows))
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
    free = all(shared(row.pieces[0], (piece.x0, piece.x1)) < 0 for other in group for piece in other.pieces)
    target = group[0] if free else group[-1]
    target.pieces = sorted([*target.pieces, *row.pieces], key=lambda piece: piece.x0)


def _with_head(rows: list[Row], columns: list[Column], rules: Sequence[Rule]) -> list[list[str]]:
    """The cells of all rows; those over the rule that ends the head become one."""
    placed = [[" ".join(texts) for texts in _placed(row, columns)] for row in rows]
    end = _head_end(rows, placed)
    if end > 1:
        above = [_spread(row, columns, rules) for row in rows[:end]]
        merged = [" ".join(filter(None, texts)) for texts in zip(*above, strict=True)]
        return [merged, *_first_cells(placed[end:], [row.group for row in rows[end:]])]
    return _first_cells(placed, [row.group for row in rows])


def _head_end(rows: list[Row], placed: list[list[str]]) -> int:
    """How many rows the head has: those over the last rule before numbers begin, in a grid those over the first."""
    ends = [at for at in range(1, len(rows)) if rows[at].group != rows[at - 1].group]
    numbers = next((at for at, row in enumerate(placed) if _is_data(row)), 0)
    fitting = [at for at in ends if at <= min(numbers or MAX_HEAD, MAX_HEAD)]
    grid = len(ends) >= GRID * len(rows)
    return 0 if not fitting else fitting[0] if grid or not numbers else fitting[-1]


def _is_data(row: list[str]) -> bool:
    cells = [cell for cell in row[1:] if cell]
    return sum(bool(NUMERIC.fullmatch(cell)) for cell in cells) > 0.5 * len(cells)


def _placed(row: Row, columns: list[Column]) -> list[list[str]]:
    """A row's texts by column; one over several columns stands in the first."""
    cells: list[list[str]] = [[] for _ in columns]
    for piece in row.pieces:
        cells[_under(piece, columns)[0]].append(piece.text)
    return cells


def _under(piece: Cell, columns: list[Column]) -> list[int]:
    """The columns that a piece stands in, or else the nearest."""
    under = [index for index, column in enumerate(columns) if shared(piece, column) > TOUCH]
    return under or [max(range(len(columns)), key=lambda index: shared(piece, columns[index]))]


def _spread(row: Row, columns: list[Column], rules: Sequence[Rule]) -> list[str]:
    """A head's texts by column, each in all the columns that it stands over."""
    cells = [""] * len(columns)
    for piece in row.pieces:
        bar = _bar_below(piece, row, rules)
        extent = Cell(bar.x0, bar.x1, "") if bar else piece
        for index in _under(extent, columns):
            cells[index] = f"{cells[index]} {piece.text}".strip()
    return cells


def _bar_below(piece: Cell, row: Row, rules: Sequence[Rule]) -> Rule | None:
    """The short rule below a piece that shows how many columns it stands over."""
    whole = max((rule.width for rule in rules), default=0.0)
    for rule in rules:
        covers = rule.x0 - 1 < piece.x0 and piece.x1 < rule.x1 + 1
        if rule.width < ACROSS * whole and covers and 0 < row.y - rule.y < BAR_BELOW:
            alone = not any(rule.x0 < other.x1 and other.x0 < rule.x1 for other in row.pieces if other is not piece)
            return rule if alone else None
    return None


def _first_cells(rows: list[list[str]], groups: list[int]) -> list[list[str]]:
    """The name of a group of rows, printed beside its middle, moves up to its first row."""
    for start in range(len(rows)):
        if start and groups[start] == groups[start - 1]:
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
