"""Lines of cells as the rows of a table, aligned by where they stand."""

from collections import Counter

from papercoder.documents.pdf_lines import Cell, Line
from papercoder.documents.tables import markdown_table

SAME_ROW = 0.45


def table_text(lines: list[Line]) -> str:
    """A Markdown table where columns can be told, else the rows as they are."""
    rows = _rows(lines)
    if not rows:
        return ""
    columns = _columns(rows)
    if len(columns) < 2:
        return "\n".join(" | ".join(cell.text for cell in row) for row in rows)
    return markdown_table([_placed(row, columns) for row in rows])


def _rows(lines: list[Line]) -> list[list[Cell]]:
    """Cells by row; pieces of one row may have been drawn apart."""
    rows: list[tuple[float, list[Cell]]] = []
    for line in sorted(lines, key=lambda line: (line.page, -line.y, line.x0)):
        if rows and abs(rows[-1][0] - line.y) < SAME_ROW * line.size:
            rows[-1][1].extend(line.cells)
        else:
            rows.append((line.y, list(line.cells)))
    return [sorted(cells, key=lambda cell: cell.x0) for _, cells in rows]


def _columns(rows: list[list[Cell]]) -> list[tuple[float, float]]:
    """The extent of each column, from the rows with the most usual number of cells."""
    counts = Counter(len(row) for row in rows if len(row) > 1)
    if not counts:
        return []
    width = max(counts, key=lambda count: (counts[count] * count, count))
    typical = [row for row in rows if len(row) == width]
    spans = [(min(row[i].x0 for row in typical), max(row[i].x1 for row in typical)) for i in range(width)]
    return _apart(spans)


def _apart(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Columns that overlap are one column."""
    merged: list[tuple[float, float]] = []
    for start, end in spans:
        if merged and start < merged[-1][1] - 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _placed(row: list[Cell], columns: list[tuple[float, float]]) -> list[str]:
    cells = [""] * len(columns)
    for cell in row:
        nearest = max(range(len(columns)), key=lambda index: _overlap(cell, columns[index]))
        cells[nearest] = f"{cells[nearest]} {cell.text}".strip()
    return cells


def _overlap(cell: Cell, column: tuple[float, float]) -> float:
    """How much a cell and a column share; negative, the distance between them."""
    return min(cell.x1, column[1]) - max(cell.x0, column[0])
