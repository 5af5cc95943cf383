"""The lines of a bibliography, split into its entries."""

import itertools
import re
from collections import Counter
from collections.abc import Callable

from papercoder.documents.pdf_layout import Layout
from papercoder.documents.pdf_lines import Line

BRACKETED = re.compile(r"\[(\d{1,4})\]\s*")
NUMBERED = re.compile(r"(\d{1,4})\.\s+")
KEYED = re.compile(r"\[[A-Z][\w+*]{1,15}\]\s*")
ENTRY_END = re.compile(r"([.?!)]|\b\d{4}[a-z]?\.?|\bhttps?://\S+|\bURL \S+)[\"”]?$")
INDENT = 0.5


def split_references(lines: list[Line], layout: Layout) -> list[tuple[int, list[Line]]]:
    """Each entry's printed number (0 if it has none) and its lines."""
    starts = _start_test(lines, layout)
    entries: list[tuple[int, list[Line]]] = []
    for index, line in enumerate(lines):
        number = _number(line)
        if starts(index) or not entries:
            entries.append((number, [line]))
        else:
            entries[-1][1].append(line)
    return entries


def without_number(text: str) -> str:
    """An entry's text without the number printed before it."""
    return BRACKETED.sub("", text, count=1) if BRACKETED.match(text) else NUMBERED.sub("", text, count=1)


def _number(line: Line) -> int:
    match = BRACKETED.match(line.text) or NUMBERED.match(line.text)
    return int(match.group(1)) if match else 0


def _start_test(lines: list[Line], layout: Layout) -> Callable[[int], bool]:
    """How this bibliography shows where an entry begins."""
    for pattern in (BRACKETED, NUMBERED, KEYED):
        if sum(bool(pattern.match(line.text)) for line in lines) >= max(2, 0.12 * len(lines)):
            return lambda index, pattern=pattern: bool(pattern.match(lines[index].text))  # type: ignore[misc]
    lefts = _lefts(lines, layout)
    indented = [line.x0 - lefts[line.page, layout.column(line)] > INDENT * line.size for line in lines]
    if sum(indented) > 0.25 * len(lines):
        return lambda index: not indented[index]
    return lambda index: _after_gap(lines, index, layout)


def _lefts(lines: list[Line], layout: Layout) -> dict[tuple[int, int], float]:
    lefts: dict[tuple[int, int], float] = {}
    for line in lines:
        key = line.page, layout.column(line)
        lefts[key] = min(lefts.get(key, line.x0), line.x0)
    return lefts


def _after_gap(lines: list[Line], index: int, layout: Layout) -> bool:
    if not index:
        return True
    before, line = lines[index - 1], lines[index]
    distance = before.y - line.y
    if distance <= 0 or before.page != line.page:
        return bool(ENTRY_END.search(before.text))
    return distance > 1.2 * _usual_distance(lines, layout)


def _usual_distance(lines: list[Line], layout: Layout) -> float:
    """The distance between lines of one entry: the smallest that is common."""
    sample = lines[:400]
    distances = Counter(round(a.y - b.y, 1) for a, b in itertools.pairwise(sample) if a.y - b.y > 1)
    common = [distance for distance, count in distances.items() if count >= 0.1 * len(sample)]
    return min(common, default=layout.leading)
