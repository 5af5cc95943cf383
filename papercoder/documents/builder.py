"""The one place that gives anchors their ids and labels; every reader builds its `Paper` here."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from state.paper import Block, BlockKind, Location, Notation, Paper, Reference, Section

FloatKind = Literal["table", "algorithm", "figure"]

NOWHERE = Location()
MAX_SLUG = 60
MAX_WARNINGS = 50

NUMBERED_PREFIX: dict[BlockKind, str] = {
    "equation": "E",
    "table": "T",
    "algorithm": "A",
    "figure": "F",
    "footnote": "N",
}
NUMBERED_LABEL: dict[BlockKind, str] = {
    "equation": "Eq.",
    "table": "Table",
    "algorithm": "Alg.",
    "figure": "Fig.",
    "footnote": "Footnote",
}
COUNTED_PREFIX: dict[BlockKind, str] = {
    "paragraph": "p",
    "equation": "e",
    "table": "t",
    "algorithm": "a",
    "figure": "f",
    "footnote": "n",
}
COUNTED_LABEL: dict[BlockKind, str] = {
    "paragraph": "¶",
    "equation": "eq. ",
    "table": "table ",
    "algorithm": "alg. ",
    "figure": "fig. ",
    "footnote": "footnote ",
}


@dataclass
class OpenSection:
    id: str
    label: str
    number: str
    title: str
    level: int
    blocks: list[Block] = field(default_factory=list)
    counts: Counter[BlockKind] = field(default_factory=Counter)

    def close(self) -> Section:
        return Section(
            id=self.id,
            label=self.label,
            number=self.number,
            title=self.title,
            level=self.level,
            blocks=tuple(self.blocks),
        )


class PaperBuilder:
    """Collects a paper in reading order.  The same calls always give the same paper."""

    def __init__(self, source_format: str) -> None:
        self.title = ""
        self.authors: tuple[str, ...] = ()
        self._format = source_format
        self._sections: list[OpenSection] = []
        self._references: list[Reference] = []
        self._warnings: dict[str, None] = {}
        self._ids = UniqueIds()

    def abstract(self) -> None:
        """Open the abstract; calling it again continues the same one."""
        for section in self._sections:
            if section.id == "abstract":
                self._sections.remove(section)
                self._sections.append(section)
                return
        self._sections.append(OpenSection(self._ids.take("abstract"), "Abstract", "", "Abstract", 1))

    def section(self, title: str, *, number: str = "", level: int = 1, appendix: bool = False) -> None:
        """Open a section.  `number` is the printed one, e.g. ``3.2`` or ``B.1``."""
        title = " ".join(clean(title).split()) or number or "Untitled"
        key = id_part(number)
        section_id = self._ids.take(f"S{key}" if key else f"S-{slug(title)}")
        label = _section_label(title, number if key else "", appendix)
        self._sections.append(OpenSection(section_id, label, number if key else "", title, max(level, 1)))

    def paragraph(self, text: str, location: Location = NOWHERE) -> None:
        """Add a paragraph; one without any text is left out."""
        text = clean(text).strip()
        if text:
            self._add("paragraph", text, location=location)

    def equation(self, text: str, notation: Notation, *, number: str = "", location: Location = NOWHERE) -> None:
        """Add a displayed formula."""
        text = clean(text).strip()
        if text:
            self._add("equation", text, number=number, notation=notation, location=location)

    def float(self, kind: FloatKind, text: str, caption: str, *, number: str = "", location: Location = NOWHERE) -> str:
        """Add a table, an algorithm or a figure; its anchor, or nothing for one without text and caption."""
        caption = " ".join(clean(caption).split())
        text = clean(text).strip("\n")
        if not (text or caption):
            return ""
        return self._add(kind, text, caption=caption, number=number, location=location)

    def footnote(self, text: str, *, number: str = "", location: Location = NOWHERE) -> None:
        """Add a footnote after the block that it belongs to."""
        text = " ".join(clean(text).split())
        if text:
            self._add("footnote", text, number=number, location=location)

    def reference(self, text: str, *, number: int = 0) -> None:
        """Add an entry of the bibliography: the one with this printed number, or else the next."""
        text = " ".join(clean(text).split())
        if text:
            number = number or len(self._references) + 1
            self._references.append(Reference(id=self._ids.take(f"B{number}"), label=f"[{number}]", text=text))

    def warn(self, message: str) -> None:
        """Note something a person should know about the reading; repetitions are dropped."""
        if len(self._warnings) < MAX_WARNINGS:
            self._warnings[clean(message)] = None

    def has_text(self) -> bool:
        """Whether any block has been added."""
        return any(section.blocks for section in self._sections)

    def build(self) -> Paper:
        """The finished paper, the abstract first."""
        ordered = sorted(self._sections, key=lambda section: section.id != "abstract")
        return Paper(
            title=" ".join(clean(self.title).split()) or "Untitled",
            authors=tuple(" ".join(clean(author).split()) for author in self.authors),
            sections=tuple(section.close() for section in ordered),
            references=tuple(self._references),
            format=self._format,
            warnings=tuple(self._warnings),
        )

    def _add(
        self,
        kind: BlockKind,
        text: str,
        *,
        caption: str = "",
        number: str = "",
        notation: Notation = "text",
        location: Location = NOWHERE,
    ) -> str:
        section = self._current()
        anchor, label = self._anchor(section, kind, number)
        block = Block(
            id=anchor,
            label=label,
            kind=kind,
            text=text,
            caption=caption,
            number=number,
            notation=notation,
            location=location,
        )
        section.blocks.append(block)
        return anchor

    def _current(self) -> OpenSection:
        if not self._sections:
            self.section("Opening")
        return self._sections[-1]

    def _anchor(self, section: OpenSection, kind: BlockKind, number: str) -> tuple[str, str]:
        key = id_part(number)
        if key and kind in NUMBERED_PREFIX:
            return self._ids.take(NUMBERED_PREFIX[kind] + key), f"{NUMBERED_LABEL[kind]} {number}"
        section.counts[kind] += 1
        count = section.counts[kind]
        anchor = self._ids.take(f"{section.id}.{COUNTED_PREFIX[kind]}{count}")
        return anchor, f"{section.label} {COUNTED_LABEL[kind]}{count}"


class UniqueIds:
    """Hands out ids; one already taken gets the suffix b, c, … z, then bb, bc, …"""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._suffixes: dict[str, Iterator[str]] = {}

    def take(self, wanted: str) -> str:
        if wanted not in self._taken:
            self._taken.add(wanted)
            return wanted
        suffixes = self._suffixes.setdefault(wanted, _suffixes())
        free = next(wanted + suffix for suffix in suffixes if wanted + suffix not in self._taken)
        self._taken.add(free)
        return free


def _suffixes() -> Iterator[str]:
    letters = "bcdefghijklmnopqrstuvwxyz"
    tails: Iterable[str] = [""]
    while True:
        tails = [head + tail for head in letters for tail in tails]
        yield from tails


def clean(text: str) -> str:
    """Without control characters and lone surrogates, which no prompt, file or JSON can carry."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))


def id_part(number: str) -> str:
    """The part of a printed number that can stand in an id: ``(4a)`` gives ``4a``."""
    return re.sub(r"[^\w.']+", "", number).strip(".")


def slug(title: str) -> str:
    """A title as part of an id: lower-case ASCII words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].rstrip("-") or "section"


def _section_label(title: str, number: str, appendix: bool) -> str:
    if not number:
        return title
    return f"App. {number}" if appendix else f"§{number}"
