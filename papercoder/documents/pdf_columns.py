"""The columns of a table, told by the gutters between its cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from papercoder.documents.pdf_lines import Cell

SPANNING_ROWS = 0.25
TOUCH = 0.5
GUTTER = 0.6
ALIGNED = 2.5

Column = tuple[float, float]


@dataclass
class Row:
    """What stands on one line; `group` counts the rules above it."""

    y: float
    pieces: list[Cell]
    group: int = 0


def columns_of(rows: Sequence[Row]) -> list[Column]:
    """The extent of each column: what cells that do not span several of them cover."""
    extents = sorted((piece.x0, piece.x1) for row in rows for piece in row.pieces if not _spans(piece, rows))
    merged: list[Column] = []
    for start, end in extents:
        if merged and start < merged[-1][1] + TOUCH:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def shared(cell: Cell, column: Column) -> float:
    """How much a cell and a column share; negative, the distance between them."""
    return min(cell.x1, column[1]) - max(cell.x0, column[0])


def _spans(piece: Cell, rows: Sequence[Row]) -> bool:
    """Whether a piece stands over several cells of many rows."""
    return sum(_stands_over(piece, row) for row in rows) >= max(1, round(SPANNING_ROWS * len(rows)))


def _stands_over(piece: Cell, row: Row) -> bool:
    """Over two cells, or over the gutter between two without being aligned with either."""
    if sum(shared(piece, (other.x0, other.x1)) > TOUCH for other in row.pieces) > 1:
        return True
    for left, right in pairwise(row.pieces):
        gap = right.x0 - left.x1
        if gap > 0 and shared(piece, (left.x1, right.x0)) > GUTTER * gap:
            return not (_aligned(piece, left) or _aligned(piece, right))
    return False


def _aligned(one: Cell, other: Cell) -> bool:
    middles = (one.x0 + one.x1) / 2, (other.x0 + other.x1) / 2
    return min(abs(one.x0 - other.x0), abs(one.x1 - other.x1), abs(middles[0] - middles[1])) < ALIGNED
