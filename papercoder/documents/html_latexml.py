"""What LaTeXML, which makes arXiv's pages, has of its own: tables of formulas, and listings."""

import re
from dataclasses import dataclass

from lxml import etree

from papercoder.documents.html_inline import Inline
from papercoder.documents.html_tree import classes
from papercoder.documents.latex_math import aligned, normalised

TAG = re.compile(r"\\tag\*?\{([^{}]*)\}")
WORD_NUMBER = re.compile(r"(?:\\#|\\qquad|\\quad|#)\s*\\?\(\s*([\w.]+)\s*\\?\)\s*$")
NUMBER = re.compile(r"\(?\s*([^()]+?)\s*\)?")
INDENT = "\u00a0"
MAX_INDENT = 24
TAGS_OF = {
    "ltx_tabular": "table", "ltx_tr": "tr", "ltx_td": "td", "ltx_th": "td", "ltx_thead": "thead", "ltx_tbody": "tbody",
    "ltx_p": "p",
}  # fmt: skip


@dataclass(frozen=True)
class Formula:
    text: str
    number: str = ""


def equations(source: str | etree._Element) -> list[Formula]:
    """The numbered formulas of a display: a piece of LaTeX, or LaTeXML's table of rows."""
    if isinstance(source, str):
        return [formula] if (formula := _formula(source)).text else []
    groups: list[tuple[list[str], str]] = []
    waiting: list[str] = []
    covered = 0  # rows that the number of a row above still covers
    for row in source.iter("tr"):
        number, span = _number(row)
        line = _cells(row)
        if covered and groups:
            groups[-1][0].append(line)
        elif number:
            groups.append(([*waiting, line], number))
            waiting = []
        else:
            waiting.append(line)
        covered = max(covered, span) - 1 if max(covered, span) else 0
    rest = [(waiting, "")] if any(waiting) else []
    return [Formula(aligned(lines), number) for lines, number in [*groups, *rest]]


def normalise(root: etree._Element) -> None:
    """Give back their tags to tables and paragraphs that LaTeXML writes as spans, inside scaled boxes."""
    for element in root.iter("span", "div"):
        tag = next((TAGS_OF[name] for name in (element.get("class") or "").split() if name in TAGS_OF), None)
        if tag:
            element.tag = tag


def listing_lines(element: etree._Element, inline: Inline) -> str:
    """The lines of an algorithm or a listing, without their printed numbers, with their indentation."""
    lines = [one for one in element.iter("div") if "ltx_listingline" in classes(one)]
    return "\n".join(filter(str.strip, (_line(line, inline) for line in lines)))


def _formula(source: str) -> Formula:
    """LaTeX with its own number, as ``\\tag`` or as Word writes it."""
    match = TAG.search(source) or WORD_NUMBER.search(source)
    text = source[: match.start()] + source[match.end() :] if match else source
    return Formula(normalised(text), match.group(1) if match else "")


def _number(row: etree._Element) -> tuple[str, int]:
    """The number in a row, and how many rows it stands beside."""
    for cell in row:
        if "ltx_eqn_eqno" in classes(cell):
            match = NUMBER.fullmatch("".join(cell.itertext()).strip())
            span = cell.get("rowspan", "1")
            return (match.group(1), int(span) if span.isdecimal() else 1) if match else ("", 0)
    tag = next((one for one in row.iter() if "ltx_tag_equation" in classes(one)), None)
    match = NUMBER.fullmatch("".join(tag.itertext()).strip()) if tag is not None else None
    return (match.group(1), 1) if match else ("", 0)


def _cells(row: etree._Element) -> str:
    """The formulas of a row's cells, cut for alignment, as one; words between them stay."""
    parts = []
    for cell in row:
        if "ltx_eqn_eqno" in classes(cell):
            continue
        for element in cell.iter():
            if element.tag == "tex":
                parts.append(element.text or "")
            elif words := " ".join((element.text or "").split()):
                parts.append(f"\\text{{{words}}}")
            if element is not cell and (words := " ".join((element.tail or "").split())):
                parts.append(f"\\text{{{words}}}")
    return normalised(" ".join(parts))


def _line(line: etree._Element, inline: Inline) -> str:
    raw = "".join(inline.pieces(line, frozenset({"ltx_tag"}))).lstrip("\n\t ")
    indent = len(raw) - len(raw.lstrip(INDENT + " "))
    return " " * min(indent, MAX_INDENT) + " ".join(raw.split())
