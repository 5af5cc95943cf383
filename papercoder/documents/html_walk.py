"""A pruned page as a flat list of items in reading order."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from papercoder.documents.builder import NOWHERE, FloatKind
from papercoder.documents.html_inline import Inline, one_line
from papercoder.documents.html_latexml import equations, listing_lines
from papercoder.documents.html_tables import own_rows, table_markdown
from papercoder.documents.html_tree import classes
from state.paper import Location

Kind = Literal["title", "author", "section", "abstract", "paragraph", "equation", "footnote", "reference"] | FloatKind

HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = {
    *HEADINGS, "p", "div", "section", "article", "main", "header", "footer", "aside", "ul", "ol", "li", "dl", "dt",
    "dd", "table", "figure", "figcaption", "pre", "blockquote", "details", "summary", "center", "hr", "address",
    "fieldset", "body", "html",
}  # fmt: skip
CAPTION = re.compile(
    r"[*_]*(Table|Figure|Fig\.|Algorithm|Listing)\s+([A-Z]?\.?\d+(?:\.\d+)*)\s*[.:|–—-]?\s*(.*)",
    re.DOTALL | re.IGNORECASE,
)
DISPLAYED = re.compile(
    r"\$\$(.+?)\$\$|\\\[(.+?)\\\]|\\begin\{(equation|align|gather|multline|eqnarray)(\*?)\}(.+?)\\end\{\3\4\}",
    re.DOTALL,
)
ALONE = re.compile(r"\$([^$]+)\$\s*(?:\((\d{1,3}(?:\.\d{1,3})?[a-z]?)\))?[.,]?")
"""A paragraph that is one formula: OpenDocument knows no others on lines of their own."""
KINDS: dict[str, FloatKind] = {"table": "table", "fig": "figure", "algorithm": "algorithm", "listing": "algorithm"}
TAGS = frozenset({"ltx_tag"})
RUN_IN = {"ltx_title_paragraph", "ltx_title_subparagraph", "ltx_title_theorem", "ltx_title_proof"}
REFERENCES = {"ltx_bibliography", "ltx_biblist", "csl-bib-body", "references"}


@dataclass
class Item:
    """One piece of the paper; `number` is the printed one."""

    kind: Kind
    text: str
    number: str = ""
    caption: str = ""
    level: int = 1
    location: Location = NOWHERE
    images: tuple[str, ...] = ()
    """Where a figure's images are, as the page says it."""


class Walker:
    """Walks a tree once, from block to block."""

    def __init__(self, file: str) -> None:
        self.items: list[Item] = []
        self._file = file
        self._inline = Inline()
        self._prefix = ""
        self._holders: set[etree._Element] = set()

    def walk(self, root: etree._Element) -> list[Item]:
        self._holders = _holders(root)
        self._block(root)
        return self.items

    def _block(self, element: etree._Element) -> None:
        names, tag = classes(element), str(element.tag)
        handler = next((handler for name, handler in BY_CLASS.items() if name in names), None) or BY_TAG.get(tag)
        if handler:
            handler(self, element)
        else:
            self._inside(element)

    def _inside(self, element: etree._Element) -> None:
        """Blocks one by one; the text between two of them is a paragraph."""
        if element.tag == "p" and self._alone(element):
            return
        run = [element.text or ""]
        for child in element:
            if child.tag == "tex" and child.get("display"):
                self._paragraph("".join(run), element)
                run = []
                self._equation(child)
            elif child in self._holders:
                self._paragraph("".join(run), element)
                run = []
                self._block(child)
            else:
                run += self._inline.piece(child)
            run.append(child.tail or "")
        self._paragraph("".join(run), element)

    def _paragraph(self, text: str, element: etree._Element) -> None:
        """Text, in which a page without MathML may have left displayed LaTeX."""
        at = 0
        for match in DISPLAYED.finditer(text):
            self._prose(text[at : match.start()], element)
            source = match.group(1) or match.group(2) or f"\\begin{{aligned}} {match.group(5)} \\end{{aligned}}"
            self._formula(source, element)
            at = match.end()
        self._prose(text[at:], element)
        self._notes(element)

    def _alone(self, element: etree._Element) -> bool:
        """Images without a word beside them: a figure, if a caption stands next to it."""
        images = _images(element)
        if not images or "".join(element.itertext()).strip():
            return False
        self._add("figure", "", element, images=images)
        return True

    def _prose(self, text: str, element: etree._Element) -> None:
        text = one_line(text)
        alone = ALONE.fullmatch(text) if not self._prefix else None
        if alone and alone.group(1).strip():
            self._add("equation", alone.group(1), element, number=alone.group(2) or "")
        elif text:
            self._add("paragraph", f"{self._prefix} {text}".strip(), element)
            self._prefix = ""

    def _equation(self, element: etree._Element) -> None:
        self._formula(element.text or "", element)

    def _formula(self, source: str, element: etree._Element) -> None:
        for row in equations(source):
            self._add("equation", row.text, element, number=row.number)

    def _notes(self, element: etree._Element) -> None:
        for note in self._inline.notes:
            self._add("footnote", note, element)
        self._inline.notes.clear()

    def _add(
        self, kind: Kind, text: str, element: etree._Element, *, number: str = "", caption: str = "", level: int = 1,
        images: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.items.append(Item(kind, text, number, caption, level, self._location(element), images))

    def _location(self, element: etree._Element) -> Location:
        """The file with the nearest id as its fragment, and the line."""
        near = next((one.get("id") for one in (element, *element.iterancestors()) if one.get("id")), "")
        return Location(file=f"{self._file}#{near}" if near else self._file, line=element.sourceline)

    # --- kinds of blocks

    def _heading(self, element: etree._Element) -> None:
        names = classes(element)
        text = self._inline.text(element)
        if names & RUN_IN:
            self._prefix = f"**{text.rstrip('.')}.**" if text else ""
        elif "ltx_title_document" in names or "title" in names:
            self._add("title", text, element)
        elif "ltx_title_abstract" not in names:
            self._add("section", text, element, level=HEADINGS.get(str(element.tag), 1))
        self._inline.notes.clear()

    def _abstract(self, element: etree._Element) -> None:
        self._add("abstract", "", element)
        self._inside(element)

    def _authors(self, element: etree._Element) -> None:
        for one in element.iter("span"):
            if "ltx_personname" in classes(one):
                self._author(one)

    def _author(self, element: etree._Element) -> None:
        for line in re.split(r"\s{2,}|\n|, ", "".join(self._inline.pieces(element))):
            if line.strip():
                self._add("author", one_line(line), element)
        self._inline.notes.clear()

    def _list_item(self, element: etree._Element) -> None:
        parent = element.getparent()
        ordered = parent is not None and parent.tag == "ol"
        tag = next((one for one in element if "ltx_tag" in classes(one)), None)
        mark = self._inline.text(tag) if tag is not None else ""
        if tag is not None:
            tag.text, tag[:] = "", []
        before = sum(1 for _ in element.itersiblings("li", preceding=True)) if ordered and not mark else 0
        self._prefix = mark if mark[:1].isalnum() or mark[:1] == "(" else f"{before + 1}." if ordered else "-"
        self._inside(element)
        self._prefix = ""

    def _table(self, element: etree._Element) -> None:
        if _is_layout(element):
            self._inside(element)
            return
        caption = next((self._inline.text(one) for one in element if one.tag == "caption"), "")
        text = table_markdown(element, self._inline.text)
        if text:
            self._captioned("table", text, caption, element)

    def _figure(self, element: etree._Element) -> None:
        """A figure, table or algorithm with its caption; one with numbered parts is its parts."""
        captions = [one for one in element.iter("figcaption", "caption") if _owner(one) is element]
        inner = [one for one in element.iter("figure") if one is not element]
        if not captions and inner:
            self._inside(element)
            return
        caption = " ".join(self._inline.text(one) for one in captions)
        parts = [self._inline.text(one) for figure in inner for one in figure.iter("figcaption")]
        names = classes(element)
        numbered = CAPTION.fullmatch(caption)
        kind: FloatKind = KINDS[_word(numbered)] if numbered else "table" if "ltx_table" in names else "figure"
        self._captioned(kind, self._figure_text(element, kind), " ".join([caption, *parts]), element)

    def _figure_text(self, element: etree._Element, kind: FloatKind) -> str:
        tables = [
            one
            for one in element.iter("table")
            if not _is_layout(one) and next(one.iterancestors("table"), None) is None
        ]
        if tables:
            return "\n\n".join(filter(None, (table_markdown(one, self._inline.text) for one in tables)))
        lines = listing_lines(element, self._inline)
        if lines or kind == "figure":
            return lines
        return self._inline.text(element, frozenset({"ltx_caption"}))

    def _captioned(self, kind: FloatKind, text: str, caption: str, element: etree._Element) -> None:
        match = CAPTION.fullmatch(caption)
        number, words = (match.group(2), match.group(3)) if match else ("", caption)
        images = _images(element) if kind == "figure" else ()
        self._add(kind, text, element, number=number, caption=words, images=images)
        self._notes(element)

    def _equations(self, element: etree._Element) -> None:
        """LaTeXML's table of a displayed formula."""
        for row in equations(element):
            self._add("equation", row.text, element, number=row.number)

    def _code(self, element: etree._Element) -> None:
        text = "".join(element.itertext()).strip("\n")
        if text.strip():
            self._add("paragraph", f"```\n{text}\n```", element)

    def _listing(self, element: etree._Element) -> None:
        text = listing_lines(element, self._inline)
        if text:
            self._add("paragraph", f"```\n{text}\n```", element)

    def _reference(self, element: etree._Element) -> None:
        tag = next((self._inline.text(one) for one in element if "ltx_tag" in classes(one)), "")
        text = self._inline.text(element, TAGS)
        printed = re.fullmatch(r"\[?(\d{1,4})[\].]?", tag)
        self._add("reference", text, element, number=printed.group(1) if printed else "")

    def _references(self, element: etree._Element) -> None:
        """A bibliography; its heading makes the section that `html` recognises."""
        self._inside(element)

    def _footnotes(self, element: etree._Element) -> None:
        notes = list(element.iter("li")) or [one for one in element.iter() if one.get("role") == "doc-footnote"]
        for position, note in enumerate(notes, start=1):
            self._add("footnote", self._inline.text(note), element, number=str(position))

    def _nothing(self, element: etree._Element) -> None:
        """Neither prose nor anything to cite."""


def _images(element: etree._Element) -> tuple[str, ...]:
    return tuple(source for one in element.iter("img") if (source := one.get("src", "").strip()))


def _holders(root: etree._Element) -> set[etree._Element]:
    """Elements that are blocks or hold some."""
    found: set[etree._Element] = set()
    for element in root.iter(etree.Element):
        if element.tag in BLOCKS or (element.tag == "tex" and element.get("display")):
            inside = element if element.tag in BLOCKS else element.getparent()
            while inside is not None and inside not in found:
                found.add(inside)
                inside = inside.getparent()
    return found


def _is_layout(table: etree._Element) -> bool:
    """Whether a table only arranges the page."""
    if table.get("role") == "presentation" or next(table.iter(*HEADINGS), None) is not None:
        return True
    return len(own_rows(table)) <= 1 and next(table.iterdescendants("table"), None) is not None


def _owner(caption: etree._Element) -> etree._Element | None:
    return next((one for one in caption.iterancestors("figure", "table") if one.tag == "figure"), None)


def _word(match: re.Match[str]) -> str:
    return match.group(1).lower().rstrip(".").replace("figure", "fig")


BY_CLASS: dict[str, Callable[[Walker, etree._Element], None]] = {
    "ltx_bibitem": Walker._reference,
    "csl-entry": Walker._reference,
    "ltx_equation": Walker._equations,
    "ltx_equationgroup": Walker._equations,
    "ltx_abstract": Walker._abstract,
    "abstract": Walker._abstract,
    "ltx_authors": Walker._authors,
    "author": Walker._author,
    "footnotes": Walker._footnotes,
    "ltx_listing": Walker._listing,
    "ltx_float": Walker._figure,
    "ltx_dates": Walker._nothing,
    "ltx_page_footer": Walker._nothing,
    "ltx_page_logo": Walker._nothing,
    "ltx_TOC": Walker._nothing,
    "toc": Walker._nothing,
    "ltx_keywords": Walker._nothing,
}
BY_TAG: dict[str, Callable[[Walker, etree._Element], None]] = {
    **dict.fromkeys(HEADINGS, Walker._heading),
    "li": Walker._list_item,
    "table": Walker._table,
    "figure": Walker._figure,
    "pre": Walker._code,
}
