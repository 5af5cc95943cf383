"""Captions of a PDF and the lines that belong to their tables, figures and algorithms."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from papercoder.documents.builder import FloatKind
from papercoder.documents.headings import split_number
from papercoder.documents.pdf_graphics import Rule
from papercoder.documents.pdf_layout import Layout
from papercoder.documents.pdf_lines import Line
from papercoder.documents.pdf_ruled import RuledTables
from papercoder.documents.pdf_tables import table_text

CAPTION = re.compile(
    r"(Table|TABLE|Figure|FIGURE|Fig\.|Algorithm|ALGORITHM)\s*([A-Z]?\.?\d+(?:\.\d+)*|[IVX]{1,5})\s*([.:|]|$|(?=[A-Z]))\s*(.*)"
)
KINDS: dict[str, FloatKind] = {"t": "table", "f": "figure", "a": "algorithm"}
MAX_LINES = 150
MAX_FIGURE_LINES = 600
MAX_CAPTION_LINES = 25
TEXT_WORDS = 7
WORDS_OF_PROSE = 5


@dataclass
class Float:
    kind: FloatKind
    number: str
    caption: list[Line]
    page: int
    body: list[Line] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    def text(self, left: float) -> str:
        if self.kind == "table":
            return table_text(self.body, self.rules)
        if self.kind == "algorithm":
            return "\n".join(_indented(line, left) for line in self.body)
        return "\n".join(line.text for line in self.body) if _is_written(self.body) else ""


class Floats:
    """Finds all floats first, so that prose can flow around them."""

    def __init__(self, lines: list[Line], layout: Layout) -> None:
        self._lines = lines
        self._layout = layout
        self.at: dict[int, Float] = {}
        self.claimed: set[int] = set()
        captions = [index for index, line in enumerate(lines) if self._is_caption(index, line)]
        self._captions = set(captions)
        self._ruled = RuledTables(lines, layout, [lines[index] for index in captions], self.is_prose)
        for index in captions:
            self._find(index)
        for page, ruled in self._ruled.without_caption(self.claimed.__contains__):
            body = [lines[position] for position in ruled.lines]
            self.at[min(ruled.lines)] = Float("table", "", [], page, body, list(ruled.rules))
            self.claimed.update(ruled.lines)

    def left(self, found: Float) -> float:
        return min((line.x0 for line in found.body), default=0.0)

    def is_prose(self, index: int) -> bool:
        """A line of body text: body type, several words, no wide gaps, most of its column."""
        line = self._lines[index]
        same_type = abs(line.size - self._layout.size) < 0.3 and line.font == self._layout.font
        words = len(re.findall(r"[^\W\d_]{2,}", line.text))
        wide = line.width > 0.55 * self._layout.edges(line).width
        return same_type and words >= WORDS_OF_PROSE and wide and len(line.cells) == 1

    def _is_caption(self, index: int, line: Line) -> bool:
        match = CAPTION.match(line.text)
        if not match:
            return False
        if match.group(3) == ":" or not index:
            return True
        before = self._lines[index - 1]
        runs_on = before.page == line.page and 0 < before.y - line.y < 1.25 * self._layout.leading
        alike = before.font == line.font and abs(before.size - line.size) < 0.3 and self.is_prose(index - 1)
        marked = match.group(3) in (".", "|") or match.group(1)[0] in "aA" or not match.group(4)
        return marked and not (runs_on and alike)

    def _find(self, index: int) -> None:
        match = CAPTION.match(self._lines[index].text)
        if not match or index in self.claimed:
            return
        kind = KINDS[match.group(1)[0].lower()]
        end = self._caption_end(index, kind)
        found = Float(kind, match.group(2), self._lines[index:end], self._lines[index].page)
        ruled = self._ruled.beside(found.caption) if kind == "table" else None
        body = [at for at in ruled.lines if at not in self.claimed] if ruled else list(self._body(kind, index, end))
        found.rules = list(ruled.rules) if ruled and body else []
        found.body = [self._lines[position] for position in sorted(body)]
        self.claimed.update(range(index, end))
        self.claimed.update(body)
        self.at[min([index, *body])] = found

    def _caption_end(self, index: int, kind: FloatKind) -> int:
        """A caption goes on while lines follow closely in its type."""
        end = index + 1
        while end < min(len(self._lines), index + MAX_CAPTION_LINES) and kind != "algorithm":
            before, line = self._lines[end - 1], self._lines[end]
            distance = before.y - line.y
            close = -0.7 * line.size < distance < 1.3 * max(line.size * 1.1, 1)
            if line.page != before.page or not close or abs(line.size - before.size) > 1 or end in self._captions:
                break
            if len(line.cells) > 2 or (before.width < 0.6 * self._layout.edges(before).width and distance > 2):
                break
            end += 1
        return end

    def _body(self, kind: FloatKind, index: int, end: int) -> Iterator[int]:
        if kind == "figure":
            yield from self._run(index - 1, -1, self._is_figure_line, MAX_FIGURE_LINES)
        elif kind == "algorithm":
            yield from self._run(end, 1, self._is_step, MAX_LINES)
        else:
            for start, direction in ((end, 1), (index - 1, -1)):
                rows = list(self._run(start, direction, self._is_row, MAX_LINES))
                if sum(len(self._lines[row].cells) > 1 for row in rows) >= 2:
                    yield from rows
                    return

    def _run(self, start: int, direction: int, accept: Callable[[int, int], bool], limit: int) -> Iterator[int]:
        """Positions next to a caption for as long as they are on its page and acceptable."""
        page = self._lines[start - direction].page
        position = start
        while 0 <= position < len(self._lines) and abs(position - start) < limit:
            line = self._lines[position]
            if line.page != page or position in self._captions or position in self.claimed:
                return
            if self._is_heading(line) or not accept(position, position - direction):
                return
            yield position
            position += direction

    def _is_heading(self, line: Line) -> bool:
        number, title, _ = split_number(line.text)
        return bool(number and line.bold and title[:1].isupper() and line.size >= self._layout.size and len(title) > 3)

    def _is_figure_line(self, index: int, _: int) -> bool:
        line = self._lines[index]
        same_type = abs(line.size - self._layout.size) < 0.3 and line.font == self._layout.font
        if self.is_prose(index) or (line.math_share > 0.3 and abs(line.size - self._layout.size) < 0.3):
            return False
        before = self._lines[index - 1] if index else None
        ends_paragraph = before and before.page == line.page and 0 < before.y - line.y < 1.4 * self._layout.leading
        return not (same_type and ends_paragraph and self.is_prose(index - 1))

    def _is_row(self, index: int, neighbour: int) -> bool:
        line, other = self._lines[index], self._lines[neighbour]
        if self.is_prose(index) or abs(other.y - line.y) > 4 * line.size:
            return False
        wide = line.width > 0.85 * self._layout.edges(line).width
        return len(line.cells) > 1 or not (wide and len(line.text.split()) > 12)

    def _is_step(self, index: int, neighbour: int) -> bool:
        line, other = self._lines[index], self._lines[neighbour]
        size = max(line.size, other.size)
        near = -1.2 * size < other.y - line.y < 2.6 * size
        smaller = other.size < self._layout.size - 0.4 and abs(line.size - self._layout.size) < 0.3
        return near and not (smaller and not CAPTION.match(other.text))


def caption_text(text: str) -> str:
    """A caption without its kind and number."""
    match = CAPTION.match(text)
    return text[match.start(4) :] if match else text


def _indented(line: Line, left: float) -> str:
    level = min(max(int((line.x0 - left) / (0.8 * line.size) + 0.5), 0), 12)
    return "  " * level + line.text


def _is_written(lines: list[Line]) -> bool:
    """Whether a figure holds text to read, such as a prompt, rather than the labels of a plot."""
    words = [len(re.findall(r"[^\W\d_]{2,}", line.text)) for line in lines]
    return len(lines) >= 3 and sum(words) / len(words) >= TEXT_WORDS
