"""The text of a run of inline elements: formulas between dollars, footnotes set aside."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from papercoder.documents.html_tree import classes

LEFT_OUT = {"ltx_ERROR", "footnote-back", "mw-editsection", "ltx_rule", "reference-backlink", "mw-cite-backlink",
            "anchor", "headerlink", "ltx_note_mark"}  # fmt: skip
BREAKS = {"br", "hr", "p", "div", "li", "td", "tr", "section"}
NOTE_REF = re.compile(r"(?:user-content-)?(?:fn|footnote|ftn|note)", re.IGNORECASE)
PARENTHESES = re.compile(r"\\\((.+?)\\\)", re.DOTALL)
SCRIPTS = {"sup": "^", "sub": "_"}


@dataclass
class Inline:
    """Collects text; `notes` are the footnotes met on the way."""

    notes: list[str] = field(default_factory=list)

    def text(self, element: etree._Element, skip: frozenset[str] = frozenset()) -> str:
        """An element's text on one line; elements of the `skip` classes are left out."""
        return one_line("".join(self.pieces(element, skip)))

    def pieces(self, element: etree._Element, skip: frozenset[str] = frozenset()) -> Iterator[str]:
        """The text of an element's inside."""
        yield element.text or ""
        for child in element:
            yield from self.piece(child, skip)
            yield child.tail or ""

    def piece(self, element: etree._Element, skip: frozenset[str] = frozenset()) -> Iterator[str]:
        """The text of one element, without what follows it."""
        names, tag = classes(element), str(element.tag)
        if tag == "tex":
            yield f"${element.text}$" if element.text else ""
        elif "ltx_note" in names or ("footnote" in names and tag == "span"):
            self._note(element)
        elif names & LEFT_OUT or names & skip or _is_note_reference(element):
            return
        elif tag in SCRIPTS:
            yield _script(SCRIPTS[tag], self.text(element, skip))
        else:
            apart = " " if tag in BREAKS or "ltx_bibblock" in names else ""
            yield apart
            yield from self.pieces(element, skip)
            yield apart

    def _note(self, element: etree._Element) -> None:
        content = next((one for one in element.iter() if "ltx_note_content" in classes(one)), element)
        text = self.text(content, frozenset({"ltx_tag_note", "ltx_note_type"}))
        if text:
            self.notes.append(text)


def one_line(text: str) -> str:
    return " ".join(PARENTHESES.sub(r"$\1$", text).replace("\u00ad", "").replace("\u200b", "").split())


def _is_note_reference(element: etree._Element) -> bool:
    """A mark that leads to a footnote, alone or raised."""
    link = element[0] if element.tag == "sup" and len(element) == 1 and not (element.text or "").strip() else element
    role = link.get("role") in ("doc-noteref", "doc-backlink")
    if link.tag != "a" or not (role or NOTE_REF.match(link.get("href", "").partition("#")[2])):
        return False
    return role or len("".join(link.itertext()).strip(" []()")) <= 3


def _script(mark: str, text: str) -> str:
    if not text or text.startswith("$") or " " in text or len(text) > 12:
        return f" {text} " if text else ""
    if mark == "^" and text in ("st", "nd", "rd", "th", "™", "®", "*", "†", "‡", "§"):
        return text if text.isalpha() else ""
    return mark + (text if len(text) == 1 else f"{{{text}}}")
