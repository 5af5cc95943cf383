"""Where paragraphs, formulas and footnotes of a PDF begin."""

import re

from papercoder.documents.pdf_layout import Layout
from papercoder.documents.pdf_lines import Line

BULLET = re.compile(r"[•◦▪‣●■∙]\s?|[–∗*]\s|(?:\(?[0-9]{1,2}[.)]|\([a-zivx]{1,4}\))\s")
SENTENCE_END = re.compile(r"[.!?:][)\"”’]?(?:\s?\^\S+)?$")
FOOTNOTE = re.compile(r"\^(?:\{?(\d{1,3})\}?|[*∗†‡§¶])\s?(?=\S)")
EQUATION_NUMBER = re.compile(r"\(((?:[A-Z]\.?)?\d{1,3}(?:\.\d{1,3})?[a-z]?)\)")
RELATION = re.compile(r"[=≈≤≥∼∝→←∈≜≡<>↦∑∏∫]|:=")
OPEN_END = re.compile(r"[=≤≥≈:]$")
LONG_WORD = re.compile(r"[^\W\d_]{4,}")
FUNCTIONS = re.compile(
    r"softmax|argmax|argmin|log|exp|max|min|where|otherwise|subject|Attention|Concat|loss|with", re.I
)
TALL = 1.35


def is_footnote(line: Line, layout: Layout) -> bool:
    return line.size < 0.95 * layout.size and bool(FOOTNOTE.match(line.text))


def continues_footnote(before: Line, line: Line, layout: Layout) -> bool:
    """Small lines below a footnote that are not the next one."""
    near = before.page == line.page and -0.8 * line.size < before.y - line.y < 2.4 * line.size
    same_column = layout.column(before) == layout.column(line)
    return near and same_column and line.size < 0.95 * layout.size and not FOOTNOTE.match(line.text)


def equation_number(line: Line, layout: Layout) -> str:
    """The number printed at the right edge of a formula."""
    last = line.cells[-1].text
    match = EQUATION_NUMBER.fullmatch(last) or (line.math_share > 0.25 and EQUATION_NUMBER.search(last, len(last) - 8))
    at_edge = line.x1 > layout.edges(line).right - 2 * line.size
    return match.group(1) if match and match.end() == len(last) and at_edge else ""


def is_number_below(line: Line, below: Line, layout: Layout) -> bool:
    """Whether a formula as wide as its column has its number on a line of its own."""
    alone = bool(EQUATION_NUMBER.fullmatch(below.text)) and bool(equation_number(below, layout))
    near = line.page == below.page and 0 < line.y - below.y < 1.6 * layout.leading
    return alone and near and not LONG_WORD.search(FUNCTIONS.sub("", line.text))


def is_display(line: Line, layout: Layout) -> bool:
    """Whether a line is a formula set apart from the text."""
    column = layout.edges(line)
    words = len(LONG_WORD.findall(FUNCTIONS.sub("", line.text)))
    if equation_number(line, layout):
        return words <= 6 or line.math_share > 0.25
    mathematical = line.math_share > 0.3 or (line.math_share > 0.12 and bool(RELATION.search(line.text)))
    centred = line.x0 - column.left > 1.5 * line.size and column.right - line.x1 > 0.8 * line.size
    same_size = line.size > 0.85 * layout.size
    if line.math_share > 0.4 and not words and OPEN_END.search(line.text):
        return same_size
    return mathematical and centred and same_size and words <= 3 and not BULLET.match(line.text)


def is_fragment(line: Line, layout: Layout) -> bool:
    """A piece of a formula: a denominator, a bound, a big bracket."""
    column = layout.edges(line)
    apart = line.x0 - column.left > 1.2 * line.size
    return apart and (line.math_share >= 0.4 or (len(line.text) <= 12 and not LONG_WORD.search(line.text)))


def overlaps(before: Line, line: Line, layout: Layout) -> bool:
    """Whether a line stands beside another rather than below it, as the parts of a fraction do."""
    return before.page == line.page and abs(before.y - line.y) < 0.75 * layout.leading


def breaks_paragraph(first: Line, before: Line, line: Line, layout: Layout) -> bool:
    """Whether a line begins a new paragraph; `first` is the first line of the open one."""
    indented = line.x0 - layout.edges(line).left > 0.8 * line.size
    if (BULLET.match(line.text) and (indented or not BULLET.match(line.text + " "))) or line.text.startswith("•"):
        return True
    if abs(line.size - before.size) > 0.6:
        return True
    ended = bool(SENTENCE_END.search(before.text))
    short = layout.edges(before).right - before.x1 > 3 * before.size
    distance = before.y - line.y
    moved = before.page != line.page or distance < 0 or layout.column(before) != layout.column(line)
    if moved:
        return ended and (short or indented)
    if distance > TALL * layout.leading:
        return ended or short
    if line.x0 - before.x0 > 0.8 * line.size:
        return ended and not BULLET.match(first.text)
    return before is not first and before.x0 - line.x0 > 0.8 * line.size and ended and short
