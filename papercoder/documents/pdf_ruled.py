"""Tables between rules: what stands from a top rule to a bottom rule of the same extent belongs to the table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from papercoder.documents.pdf_graphics import Rule
from papercoder.documents.pdf_layout import Layout
from papercoder.documents.pdf_lines import Line

SAME_EXTENT = 3.0
NEAR = 5.0
MARGIN = 6.0
LEAST_WIDTH = 60.0
LEAST_SPAN = 10.0
REACH = 300.0
PROSE_LINES = 3
FULL = 0.8


@dataclass(frozen=True)
class Ruled:
    """Positions of a table's lines, and all rules in it from the top down."""

    lines: tuple[int, ...]
    rules: tuple[Rule, ...]
    distance: float


class RuledTables:
    """Looks for the ruled table above or below a caption."""

    def __init__(
        self, lines: Sequence[Line], layout: Layout, captions: Sequence[Line], is_prose: Callable[[int], bool]
    ) -> None:
        self._lines = lines
        self._layout = layout
        self._captions = captions
        self._is_prose = is_prose
        self._by_page: dict[int, list[int]] = {}
        for index, line in enumerate(lines):
            self._by_page.setdefault(line.page, []).append(index)

    def beside(self, caption: Sequence[Line]) -> Ruled | None:
        """The table nearest to a caption, if it has a top and a bottom rule."""
        top, bottom = max(line.y for line in caption), min(line.y for line in caption)
        rules = [rule for rule in self._layout.rules.get(caption[0].page, ()) if self._faces(rule, caption)]
        below = self._table(caption, [rule for rule in rules if rule.y < bottom + 1], bottom)
        above = self._table(caption, [rule for rule in reversed(rules) if rule.y > top], top)
        found = [table for table in (below, above) if table]
        return min(found, key=lambda table: table.distance, default=None)

    def without_caption(self, taken: Callable[[int], bool]) -> Iterator[tuple[int, Ruled]]:
        """Tables that no caption claims, with their pages; a table has two rows of two cells at least."""
        for page, rules in self._layout.rules.items():
            left = [rule for rule in rules if rule.width > LEAST_WIDTH]
            while left:
                first, *rest = left
                group = [first, *(rule for rule in rest if _alike(rule, first))]
                left = [rule for rule in rest if rule not in group]
                lines = self._between(group[0], group[-1], page)
                rows = [index for index in lines if len(self._lines[index].cells) > 1]
                prose = sum(self._is_prose(index) for index in lines)
                if len(group) > 2 and len(rows) > 1 and prose < PROSE_LINES and not any(map(taken, lines)):
                    yield page, Ruled(tuple(lines), tuple(group), 0.0)

    def _faces(self, rule: Rule, caption: Sequence[Line]) -> bool:
        x0, x1 = min(line.x0 for line in caption), max(line.x1 for line in caption)
        shared = min(rule.x1, x1) - max(rule.x0, x0)
        return rule.width > LEAST_WIDTH and shared > 0.5 * min(rule.width, x1 - x0)

    def _table(self, caption: Sequence[Line], rules: Sequence[Rule], edge: float) -> Ruled | None:
        """The table that begins with the first rule, away from the caption."""
        size = caption[0].size
        if not rules or abs(rules[0].y - edge) > NEAR * size:
            return None
        first = rules[0]
        group = [first]
        for rule in rules[1:]:
            if not _alike(rule, first):
                continue
            if self._parted(group[-1], rule, caption[0].page):
                break
            group.append(rule)
        if len(group) < 2:
            return None
        page = caption[0].page
        top, bottom = max(group, key=lambda rule: rule.y), min(group, key=lambda rule: rule.y)
        between = self._between(top, bottom, page)
        lines = [*self._beyond(top, page, up=True), *between, *self._beyond(bottom, page, up=False)]
        inner = (rule for rule in self._layout.rules[page] if bottom.y - 1 < rule.y < top.y + 1 and _within(rule, top))
        rules = sorted(inner, key=lambda rule: -rule.y)
        return Ruled(tuple(lines), tuple(rules), abs(first.y - edge)) if lines else None

    def _beyond(self, rule: Rule, page: int, *, up: bool) -> list[int]:
        """Rows that go on closely above the first rule or below the last: not every table has an outer rule."""
        far = Rule(rule.x0, rule.x1, rule.y + REACH if up else max(rule.y - REACH, 0.0))
        candidates = self._between(far, rule, page) if up else self._between(rule, far, page)
        found: list[int] = []
        edge = rule.y
        for index in sorted(candidates, key=lambda index: abs(self._lines[index].y - rule.y)):
            line = self._lines[index]
            if abs(line.y - edge) > 1.9 * line.size or len(line.cells) < 2 or self._is_taken(line, index):
                break
            found.append(index)
            edge = line.y
        return sorted(found)

    def _is_taken(self, line: Line, index: int) -> bool:
        return self._is_prose(index) or any(line is caption for caption in self._captions)

    def _between(self, upper: Rule, lower: Rule, page: int) -> list[int]:
        """Positions of the lines between two rules."""
        x0, x1 = upper.x0 - MARGIN, upper.x1 + MARGIN
        found = []
        for index in self._by_page.get(page, ()):
            line = self._lines[index]
            if lower.y - 1 < line.y < upper.y and x0 < line.x0 and line.x1 < x1:
                found.append(index)
        return found

    def _parted(self, one: Rule, other: Rule, page: int) -> bool:
        """Whether a caption or a paragraph stands between two rules: they belong to different tables."""
        upper, lower = (one, other) if one.y > other.y else (other, one)
        for caption in self._captions:
            if caption.page == page and lower.y < caption.y < upper.y and _over(caption, upper):
                return True
        between = self._between(upper, lower, page)
        wide = [index for index in between if self._lines[index].width > FULL * upper.width and self._is_prose(index)]
        return len(wide) >= PROSE_LINES


def _over(line: Line, rule: Rule) -> bool:
    return line.x0 < rule.x1 and line.x1 > rule.x0


def _within(rule: Rule, whole: Rule) -> bool:
    return rule.width > LEAST_SPAN and rule.x0 > whole.x0 - SAME_EXTENT and rule.x1 < whole.x1 + SAME_EXTENT


def _alike(one: Rule, other: Rule) -> bool:
    return abs(one.x0 - other.x0) <= SAME_EXTENT and abs(one.x1 - other.x1) <= SAME_EXTENT
