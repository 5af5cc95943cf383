"""The shape of the pages: body type, columns, leading, and lines that are no part of the text."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from papercoder.documents.pdf_glyphs import Page
from papercoder.documents.pdf_graphics import Rule
from papercoder.documents.pdf_lines import Line

EDGE = 0.085
REPEATED_ON = 3
PAGE_NUMBER = re.compile(r"[-–—\s]*(?:page\s*)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?[-–—\s]*", re.IGNORECASE)
VENUE = re.compile(r"(?:\d+(?:st|nd|rd|th) Conference on|Preprint\b|Under review|Proceedings of the \d+)")
MARGIN_NUMBER = re.compile(r"\d{1,4}")


@dataclass(frozen=True)
class Column:
    left: float
    right: float

    @property
    def width(self) -> float:
        return max(self.right - self.left, 1.0)


@dataclass
class Layout:
    """What is typical of the document."""

    size: float
    font: str
    leading: float
    columns: dict[int, list[Column]]
    widths: dict[int, float]
    rules: dict[int, list[Rule]]

    def column(self, line: Line) -> int:
        """The index of the column a line stands in; a line across both belongs to the first."""
        columns = self.columns[line.page]
        if len(columns) == 1 or line.x0 < columns[1].left - 2 * self.size:
            return 0
        return 1

    def edges(self, line: Line) -> Column:
        """The column a line stands in; one across both columns has the whole page."""
        columns = self.columns[line.page]
        column = columns[self.column(line)]
        if len(columns) > 1 and column is columns[0] and line.x1 > columns[1].left + self.size:
            return Column(columns[0].left, columns[1].right)
        return column


def layout(pages: list[Page], lines: list[Line]) -> Layout:
    """Measure a document."""
    weights: Counter[tuple[float, str]] = Counter()
    for line in lines:
        weights[line.size, line.font] += len(line.text)
    size, font = max(weights, key=lambda key: (weights[key], key), default=(10.0, ""))
    by_page: dict[int, list[Line]] = {page.number: [] for page in pages}
    for line in lines:
        by_page[line.page].append(line)
    columns = {page.number: _columns(page, by_page[page.number], size) for page in pages}
    widths = {page.number: page.width for page in pages}
    return Layout(size, font, _leading(lines, size), columns, widths, {page.number: page.rules for page in pages})


def without_running_lines(pages: list[Page], lines: list[Line]) -> list[Line]:
    """Drop running heads, page numbers and the numbers that reviewers' copies print in the margin."""
    heights = {page.number: page.height for page in pages}
    edge = [line for line in lines if not EDGE < line.y / heights[line.page] < 1 - EDGE]
    repeated = Counter(_normalised(line) for line in edge)
    margins = _margin_numbers(lines)
    dropped = {id(line) for line in edge if repeated[_normalised(line)] >= REPEATED_ON and len(pages) >= REPEATED_ON}
    dropped |= {id(line) for line in edge if PAGE_NUMBER.fullmatch(line.text)}
    dropped |= {id(line) for line in lines if line.page == 1 and VENUE.match(line.text) and line.y < heights[1] / 3}
    return [line for line in lines if id(line) not in dropped and id(line) not in margins]


def _normalised(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def _margin_numbers(lines: list[Line]) -> set[int]:
    """Bare numbers left of all other text, many to a page."""
    numbers: dict[int, list[Line]] = {}
    lefts: dict[int, Counter[int]] = {}
    for line in lines:
        if MARGIN_NUMBER.fullmatch(line.text):
            numbers.setdefault(line.page, []).append(line)
        else:
            lefts.setdefault(line.page, Counter())[round(line.x0)] += 1
    found: set[int] = set()
    for page, candidates in numbers.items():
        left = lefts.get(page, Counter({0: 1})).most_common(1)[0][0]
        outside = [line for line in candidates if line.x1 < left - 2]
        found |= {id(line) for line in outside} if len(outside) >= 10 else set()
    return found


def _leading(lines: list[Line], size: float) -> float:
    """The usual distance between lines of body type."""
    distances: Counter[float] = Counter()
    for before, line in itertools.pairwise(lines):
        distance = before.y - line.y
        if line.size == before.size == size and 0.9 * size < distance < 2.5 * size:
            distances[round(distance, 1)] += 1
    return max(distances, key=lambda key: (distances[key], key), default=1.2 * size)


def _columns(page: Page, lines: list[Line], size: float) -> list[Column]:
    body = [line for line in lines if abs(line.size - size) < 0.15 * size and len(line.text) > 15] or lines
    middle = page.width / 2
    left = [line for line in body if line.x1 < middle + size]
    right = [line for line in body if line.x0 > middle - size]
    if len(left) > 5 and len(right) > 5 and len(left) + len(right) > 0.6 * len(body):
        return [_edges(left, page), _edges(right, page)]
    return [_edges(body, page)]


def _edges(lines: Iterable[Line], page: Page) -> Column:
    lefts = Counter(round(line.x0) for line in lines)
    rights = sorted(line.x1 for line in lines)
    if not rights:
        return Column(0.0, page.width)
    frequent = [left for left, count in lefts.items() if count >= 0.15 * len(rights)] or list(lefts)
    return Column(min(frequent), rights[int(0.85 * (len(rights) - 1))])
