"""Where on its page the picture of a figure stands: what is drawn between its caption and the text before it."""

import ctypes
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from papercoder.documents.album import Region
from papercoder.documents.drawing import Box
from papercoder.documents.pdf_floats import CAPTION, Float, Floats
from papercoder.documents.pdf_glyphs import Page
from papercoder.documents.pdf_layout import Layout
from papercoder.documents.pdf_lines import Line

MAX_OBJECTS = 20_000
MOST_OF_PAGE = 0.8
THIN = 1.5
GAP = 48.0
"""Points between the parts of a figure, or between it and its caption: there may be a subcaption in between."""
MARGIN = 3.0
SMALLEST = 24.0
NARROW = 0.62
"""A caption of several lines that takes less of its column has text beside it."""
ABOVE, BELOW = 0.9, 0.3
"""How far a line's letters reach over and under its baseline, in parts of its type's size."""
HEAD_RULE = 0.7
"""How far below a running head its rule may be, in parts of its type's size."""


class Regions:
    """Looks at a page once it is asked for a figure on it."""

    def __init__(self, path: Path, pages: list[Page], lines: list[Line], running: list[Line], layout: Layout) -> None:
        import pypdfium2

        self._document = pypdfium2.PdfDocument(path)
        self._pages = {page.number: page for page in pages}
        self._lines = lines
        self._running = running
        self._layout = layout
        self._drawn: dict[int, list[Box]] = {}

    def of(self, figure: Float, floats: Floats) -> list[Region]:
        """The figure's region; none where nothing is drawn, or on a page that is printed sideways."""
        drawn = self._drawn_on(figure.page)
        if not drawn or not figure.caption:
            return []
        left, right = self._extent(figure)
        top = max(line.y + ABOVE * line.size for line in figure.caption)
        bottom = min(line.y - BELOW * line.size for line in figure.caption)
        walls = self._walls(figure, floats, left, right)
        ceiling = min((low for low, _ in walls if low >= top - 1), default=self._pages[figure.page].height)
        floor = max((high for _, high in walls if high <= bottom + 1), default=0.0)
        for low, high, upward in ((top, ceiling, True), (floor, bottom, False)):
            box = _joined(_within(drawn, (left, low, right, high)), top if upward else bottom, upward=upward)
            if box:
                x0, y0, x1, y1 = self._with_labels(box, figure)
                y0, y1 = (low, min(y1, high)) if upward else (max(y0, low), high)
                return [Region(figure.page, (x0, y0, x1, y1))]
        return []

    def close(self) -> None:
        self._document.close()

    def _extent(self, figure: Float) -> tuple[float, float]:
        """The columns that a figure may take."""
        edges = [self._layout.edges(line) for line in figure.caption]
        left, right = min(edge.left for edge in edges), max(edge.right for edge in edges)
        x0, x1 = min(line.x0 for line in figure.caption), max(line.x1 for line in figure.caption)
        if len(figure.caption) > 2 and x1 - x0 < NARROW * (right - left):
            left, right = x0, x1
        return min(left, x0) - 2 * MARGIN, max(right, x1) + 2 * MARGIN

    def _walls(self, figure: Float, floats: Floats, left: float, right: float) -> list[tuple[float, float]]:
        """Lower and upper edges of the lines that no figure goes across: prose, captions, other floats, heads."""
        own = {id(line) for line in (*figure.caption, *figure.body)}
        others = [
            line
            for index, line in enumerate(self._lines)
            if line.page == figure.page and id(line) not in own and min(line.x1, right) - max(line.x0, left) > 0
            if index in floats.claimed or floats.is_prose(index) or CAPTION.match(line.text)
        ]
        walls = [(line.y - BELOW * line.size, line.y + ABOVE * line.size) for line in others]
        heads = [line for line in self._running if line.page == figure.page and len(line.text.split()) > 1]
        return walls + [(line.y - HEAD_RULE * line.size, line.y + ABOVE * line.size) for line in heads]

    def _with_labels(self, box: Box, figure: Float) -> Box:
        """The region with the figure's own words that stand in or beside it, and a margin."""
        x0, y0, x1, y1 = box
        for line in figure.body:
            low, high = line.y - BELOW * line.size, line.y + ABOVE * line.size
            if low < y1 + GAP / 2 and high > y0 - GAP / 2:
                x0, y0, x1, y1 = min(x0, line.x0), min(y0, low), max(x1, line.x1), max(y1, high)
        page = self._pages[figure.page]
        return max(x0 - MARGIN, 0), max(y0 - MARGIN, 0), min(x1 + MARGIN, page.width), min(y1 + MARGIN, page.height)

    def _drawn_on(self, number: int) -> list[Box]:
        if number not in self._drawn:
            page, known = self._document[number - 1], self._pages[number]
            left, bottom, right, _ = page.get_bbox()
            upright = not page.get_rotation() and abs(right - left - known.width) < 1
            self._drawn[number] = list(_boxes(page, left, bottom, known)) if upright else []
            page.close()
        return self._drawn[number]


def _boxes(page: Any, left: float, bottom: float, known: Page) -> Iterable[Box]:
    """What a page draws beside text, without what lies behind all of it."""
    import pypdfium2.raw as pdfium

    edges = [ctypes.c_float() for _ in range(4)]
    for turn in range(min(pdfium.FPDFPage_CountObjects(page.raw), MAX_OBJECTS)):
        handle = pdfium.FPDFPage_GetObject(page.raw, turn)
        if pdfium.FPDFPageObj_GetType(handle) == pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        if not pdfium.FPDFPageObj_GetBounds(handle, *map(ctypes.byref, edges)):
            continue
        x0, y0, x1, y1 = (edge.value for edge in edges)
        box = max(x0 - left, 0.0), max(y0 - bottom, 0.0), min(x1 - left, known.width), min(y1 - bottom, known.height)
        if box[0] <= box[2] and box[1] <= box[3] and _area(box) < MOST_OF_PAGE * known.width * known.height:
            yield box


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _within(drawn: Sequence[Box], band: Box) -> list[Box]:
    """Boxes of which the middle lies in a band, cut to its height."""
    left, low, right, high = band
    return [
        (x0, max(y0, low), x1, min(y1, high))
        for x0, y0, x1, y1 in drawn
        if left <= (x0 + x1) / 2 <= right and low <= (y0 + y1) / 2 <= high
    ]


def _joined(boxes: list[Box], edge: float, *, upward: bool) -> Box | None:
    """The boxes that follow each other from the caption's edge on, as one; None if that is nothing to look at."""
    thick = [box for box in boxes if min(box[2] - box[0], box[3] - box[1]) > THIN]
    ordered = sorted(thick or boxes, key=lambda box: box[1] if upward else -box[3])
    joined: Box | None = None
    for box in ordered:
        reach = (joined[3] if upward else joined[1]) if joined else edge
        if (box[1] - reach if upward else reach - box[3]) > GAP:
            break
        joined = box if joined is None else _union(joined, box)
    if joined is None or joined[2] - joined[0] < SMALLEST or joined[3] - joined[1] < SMALLEST:
        return None
    for box in boxes:
        joined = _union(joined, box) if _touches(joined, box) else joined
    return joined


def _union(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _touches(one: Box, other: Box) -> bool:
    beside = other[0] <= one[2] + MARGIN and other[2] >= one[0] - MARGIN
    return beside and other[1] <= one[3] + MARGIN and other[3] >= one[1] - MARGIN
