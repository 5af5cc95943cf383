"""Markdown's lines as chunks: headings, formulas, tables, images, fenced code, list items, paragraphs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from papercoder.documents.markdown_tables import table_at

HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([\w+-]*)")
TABLE_RULE = re.compile(r"[ \t|:-]*-[ \t|:-]*")
LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,4}[.)])\s+\S")
FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]:\s*(.*)", re.DOTALL)
CAPTION = re.compile(
    r"[*_]*(Table|Figure|Fig\.|Algorithm)\s+([A-Z]?\.?\d+(?:\.\d+)*)[*_]*\s*[.:]?[*_]*\s*(.*)", re.DOTALL
)
IMAGE = re.compile(r"\s*!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])(?:\{[^}]*\})?\s*")
UNNUMBERED = re.compile(r"(?:Table)?:\s+(\S.*)", re.DOTALL)
ATTRIBUTES = re.compile(r"\s*\{[#.][^{}]*\}\s*$")
SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*")
LATEX_MATH = re.compile(r"\s*(?:\\\[|\\begin\{(equation|align|gather|multline|eqnarray|displaymath|math)(\*?)\})")
HTML = re.compile(r" {0,3}<(table|figure|p|style|script|dl|ul|ol|pre|h[1-6])\b", re.IGNORECASE)
LABEL = re.compile(r"\\label\{[^{}]*\}")
DIVISION = re.compile(r" {0,3}:{3,}(?:\s*\{[^{}]*\}|\s*[\w-]+)?\s*:*\s*")
"""pandoc's fence around a part of the text."""
WRAPPED = re.compile(
    r"\s*\\begin\{(equation|displaymath|align|gather|multline|eqnarray)(\*?)\}(.*)\\end\{\1\2\}\s*", re.DOTALL
)
MATH_NUMBER = re.compile(r"\s*\((\d{1,3}[a-z]?)\)\s*")
MAX_HTML_LINES = 5_000
CAPTIONED = {"table": "Table", "image": "Fig", "algorithm": "Algorithm"}


@dataclass
class Chunk:
    """Lines that belong together; `info` is a heading's marks or a formula's number."""

    kind: str
    lines: list[str]
    line: int
    info: str = ""
    caption: str = ""

    def text(self) -> str:
        return "\n".join(self.lines).strip("\n")

    def takes_caption(self) -> bool:
        return self.kind in CAPTIONED and not self.caption

    def captions(self, other: "Chunk") -> bool:
        if self.kind != "paragraph":
            return False
        match = CAPTION.fullmatch(self.text().strip())
        unnumbered = other.kind == "table" and UNNUMBERED.fullmatch(self.text().strip())
        return bool(unnumbered or (match and match.group(1).startswith(CAPTIONED[other.kind])))


class _Cursor:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0

    def more(self) -> bool:
        return self.at < len(self.lines)

    def peek(self, ahead: int = 0) -> str:
        return self.lines[self.at + ahead] if self.at + ahead < len(self.lines) else ""

    def take(self) -> str:
        self.at += 1
        return self.lines[self.at - 1]


def chunks(lines: list[str]) -> Iterator[Chunk]:
    """Split a document's lines."""
    cursor = _Cursor(lines)
    while cursor.more():
        if not cursor.peek().strip() or DIVISION.fullmatch(cursor.peek()):
            cursor.take()
            continue
        start = cursor.at + 1
        chunk = _next(cursor)
        chunk.line = start
        yield chunk


def _next(cursor: _Cursor) -> Chunk:
    line = cursor.peek()
    if heading := HEADING.fullmatch(line):
        cursor.take()
        title = ATTRIBUTES.sub("", heading.group(2).rstrip()).rstrip("#").rstrip()
        return Chunk("heading", [title], 0, heading.group(1))
    if table := table_at(cursor.lines, cursor.at):
        rows, cursor.at = table
        return Chunk("table", rows, 0)
    underline = SETEXT.fullmatch(cursor.peek(1))
    if underline and not LIST_ITEM.match(line) and "|" not in line:
        cursor.take()
        return Chunk("heading", [ATTRIBUTES.sub("", line.strip())], 0, "#" if cursor.take().strip()[0] == "=" else "##")
    if fence := FENCE.match(line):
        return _fenced(cursor, fence.group(1), fence.group(2).lower())
    if line.strip().startswith("$$"):
        return _math(cursor)
    if latex := LATEX_MATH.match(line):
        return _latex_math(cursor, latex)
    if html := HTML.match(line):
        return Chunk("html", list(_html(cursor, html.group(1).lower())), 0)
    if "|" in line and "|" in cursor.peek(1) and TABLE_RULE.fullmatch(cursor.peek(1)):
        return Chunk("table", list(_while_table(cursor)), 0)
    if IMAGE.fullmatch(line):
        return Chunk("image", [cursor.take()], 0)
    return Chunk("paragraph", list(_paragraph(cursor)), 0)


def _fenced(cursor: _Cursor, mark: str, language: str) -> Chunk:
    opening = cursor.take()
    inner: list[str] = []
    closing = ""
    while cursor.more() and not closing:
        line = cursor.take()
        last = line.strip().rstrip("*_")  # pandoc closes emphasis around a formula behind its fence
        if last.startswith(mark) and not last.strip(mark[0]):
            closing = line
        else:
            inner.append(line)
    if language == "math":
        return Chunk("math", inner, 0)
    if language in ("algorithm", "algorithmic", "pseudocode", "pseudo"):
        return Chunk("algorithm", inner, 0)
    return Chunk("code", [opening, *inner, closing or mark], 0)


def _math(cursor: _Cursor) -> Chunk:
    """A formula between ``$$`` marks; what follows the closing mark is its number or goes back to the text."""
    first = cursor.take().strip()[2:]
    inner: list[str] = []
    rest = first
    while "$$" not in rest and cursor.more():
        inner.append(rest)
        rest = cursor.take()
    last, _, after = rest.partition("$$")
    inner.append(last)
    number = MATH_NUMBER.fullmatch(after)
    if after.strip() and not number:
        cursor.at -= 1
        cursor.lines[cursor.at] = after
    return Chunk("math", inner, 0, number.group(1) if number else "")


def _latex_math(cursor: _Cursor, opening: re.Match[str]) -> Chunk:
    """A formula in LaTeX's own delimiters; an environment of several lines stays aligned."""
    name = f"{opening.group(1)}{opening.group(2)}" if opening.group(1) else ""
    closing = f"\\end{{{name}}}" if name else "\\]"
    cursor.lines[cursor.at] = cursor.peek()[opening.end() :]
    inner: list[str] = []
    while cursor.more():
        before, found, after = cursor.take().partition(closing)
        inner.append(before)
        if found:
            if after.strip():
                cursor.at -= 1
                cursor.lines[cursor.at] = after
            break
    return Chunk("math", [_aligned("\n".join(inner))], 0)


def _aligned(formula: str) -> str:
    text = LABEL.sub("", formula).strip()
    whole = text.startswith("\\begin{") or "&" not in text
    return text if whole else f"\\begin{{aligned}} {text} \\end{{aligned}}"


def formula(chunk: Chunk) -> str:
    """The formula of a chunk, without an environment that only displays and numbers it."""
    wrapped = WRAPPED.fullmatch(chunk.text())
    return _aligned(wrapped.group(3)) if wrapped else chunk.text()


def _html(cursor: _Cursor, tag: str) -> Iterator[str]:
    """A piece of HTML: to its closing tag, or to the next blank line where that is missing."""
    ahead = range(cursor.at, len(cursor.lines))
    depth, end = 0, None
    for at in ahead:
        depth += len(re.findall(rf"<{tag}\b", cursor.lines[at], re.IGNORECASE))
        depth -= len(re.findall(rf"</{tag}\s*>", cursor.lines[at], re.IGNORECASE))
        if depth <= 0:
            end = at
            break
        if at - cursor.at > MAX_HTML_LINES:
            break
    while cursor.more() and (cursor.at <= end if end is not None else cursor.peek().strip()):
        yield cursor.take()


def _while_table(cursor: _Cursor) -> Iterator[str]:
    while cursor.more() and "|" in cursor.peek():
        yield cursor.take().strip()


def _paragraph(cursor: _Cursor) -> Iterator[str]:
    yield _up_to_a_formula(cursor)
    while cursor.more() and not _starts_chunk(cursor):
        yield _up_to_a_formula(cursor)


def _up_to_a_formula(cursor: _Cursor) -> str:
    """A line; a formula that begins in it and ends on another one is left for the next chunk."""
    line = cursor.take()
    if line.count("$$") % 2 == 0:
        return line
    before, mark, formula = line.rpartition("$$")
    cursor.at -= 1
    cursor.lines[cursor.at] = mark + formula
    return before


def _starts_chunk(cursor: _Cursor) -> bool:
    line = cursor.peek()
    if not line.strip() or DIVISION.fullmatch(line) or HEADING.fullmatch(line) or FENCE.match(line):
        return True
    if LATEX_MATH.match(line) or HTML.match(line) or SETEXT.fullmatch(cursor.peek(1)):
        return True
    if line.strip().startswith("$$") or IMAGE.fullmatch(line) or LIST_ITEM.match(line) or FOOTNOTE.match(line):
        return True
    return "|" in line and "|" in cursor.peek(1) and bool(TABLE_RULE.fullmatch(cursor.peek(1)))
