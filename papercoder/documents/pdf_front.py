"""Title and authors from the first page of a PDF."""

import re

from papercoder.documents.names import is_name
from papercoder.documents.pdf_layout import Layout
from papercoder.documents.pdf_lines import Line

MARKS = re.compile(r"\^(?:\{[^{}]*\}|\S)|[*†‡§¶∗]|(?<=[^\W\d])\d+\b|\s\d(?:,\d)*\b")
BETWEEN = re.compile(r",|;|\band\b|&|·|•")
MAX_TITLE_LINES = 6
TOP = 60


def title_lines(lines: list[Line], layout: Layout) -> list[Line]:
    """The largest type near the top of the first page."""
    first = [line for line in lines[:TOP] if line.page == 1 and line.width > 2 * line.size and line.math_share < 0.5]
    largest = max((line.size for line in first), default=0.0)
    if largest <= 1.02 * layout.size:
        return first[:1]
    found = [line for line in first if line.size > 0.95 * largest]
    start = next(index for index, line in enumerate(first) if line is found[0])
    title: list[Line] = []
    for line in first[start:]:
        if line.size <= 0.95 * largest or len(title) == MAX_TITLE_LINES:
            break
        title.append(line)
    return title


def authors(lines: list[Line]) -> tuple[str, ...]:
    """Names among the lines between title and abstract."""
    names: dict[str, None] = {}
    for line in lines:
        for cell in line.cells:
            separated = re.sub(r"\^(?:\{[^{}]*\}|\S)|(?<=[^\W\d])\s\d(?=\s|$)", " , ", cell.text)
            for part in BETWEEN.split(separated):
                name = " ".join(MARKS.sub(" ", part).split())
                if is_name(name):
                    names[name] = None
    return tuple(names)
