"""Pages that are images of text: their lines through OCR, where the optional extra `ocr` is installed.

RapidOCR runs offline, with models that its package brings.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from statistics import median
from typing import Any

from papercoder.documents.headings import split_number
from papercoder.documents.pdf_headings import is_usual
from papercoder.documents.pdf_lines import Cell, Line

INSTALL = "pip install rapidocr onnxruntime"
SCALE = 150 / 72
MAX_SIDE = 4_000
MAX_PAGES = 60
MIN_SCORE = 0.5
UNEVEN = 0.2
MAX_HEADING = 60
TYPE_SHARE = 0.72
"""The size of type as a share of the height of its box."""


def is_installed() -> bool:
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


class Recogniser:
    """Loads the models once."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        self._engine = RapidOCR(params={"Global.log_level": "error"})

    def lines(self, page: Any, number: int) -> list[Line]:
        """The lines of an open page, column by column."""
        width, height = page.get_size()
        scale = min(SCALE, MAX_SIDE / max(width, height, 1.0))
        found = self._engine(page.render(scale=scale).to_numpy())
        if found.boxes is None:
            return []
        read = zip(found.boxes.tolist(), found.txts, found.scores, strict=True)
        lines = [_line(number, box, text, scale, height) for box, text, score in read if score > MIN_SCORE]
        return list(in_columns(_evened(line for line in lines if line.width > line.size), width))


def _line(page: int, box: Sequence[Sequence[float]], text: str, scale: float, height: float) -> Line:
    x0, x1 = min(x for x, _ in box) / scale, max(x for x, _ in box) / scale
    top, bottom = min(y for _, y in box) / scale, max(y for _, y in box) / scale
    cell = Cell(x0, x1, " ".join(text.split()))
    size = round(2 * TYPE_SHARE * (bottom - top)) / 2
    y = height - bottom + 0.25 * (bottom - top)
    return Line(page, y, x0, x1, size, _is_heading(cell.text), "", 0.0, pieces=[cell], cells=[cell])


def _is_heading(text: str) -> bool:
    """OCR does not tell bold type; numbering and the usual names have to do."""
    number, title, _ = split_number(text)
    short = len(title) < MAX_HEADING and title[:1].isupper() and not title.endswith((".", ",", ";", ":"))
    return is_usual(text) or (bool(number) and short)


def _evened(lines: Iterable[Line]) -> list[Line]:
    """Lines whose type is about as large as most is: of that size, since boxes are not exact."""
    upright = list(lines)
    usual = median(line.size for line in upright) if upright else 0.0
    return [replace(line, size=usual) if abs(line.size - usual) < UNEVEN * usual else line for line in upright]


def in_columns(lines: Sequence[Line], width: float) -> Iterator[Line]:
    """Lines in reading order: from one line across the page to the next, the left half before the right half."""
    left: list[Line] = []
    right: list[Line] = []
    for line in sorted(lines, key=lambda line: (-line.y, line.x0)):
        if line.x0 < width / 2 - line.size and line.x1 > width / 2 + line.size:
            yield from left + right
            left, right = [], []
            yield line
        else:
            (left if (line.x0 + line.x1) / 2 < width / 2 else right).append(line)
    yield from left + right
