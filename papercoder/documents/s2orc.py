"""A paper as S2ORC JSON, which GROBID's output is turned into."""

import json
import re
from pathlib import Path
from typing import Any

from papercoder.documents.builder import FloatKind, PaperBuilder
from papercoder.documents.errors import DocumentError
from papercoder.documents.headings import depth, is_references
from papercoder.documents.html_inline import Inline
from papercoder.documents.html_math import cleaned, mark_formulas
from papercoder.documents.html_tables import table_markdown
from papercoder.documents.html_tree import parse
from papercoder.documents.plain import decode
from state.paper import Notation, Paper

Record = dict[str, Any]

PLACEHOLDER = "EQUATION"
INLINE = "INLINEFORM"
FORMULA = re.compile(r"^[^.!?]{0,200}[=≤≥∈][^!?]{0,400}$")
HEADING_LINE = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\s+([A-Z][^.!?]{2,80})")
CAPTION = re.compile(r"\s*(?:Table|Figure|Fig\.|Algorithm)\s*([A-Z]?\.?\d+(?:\.\d+)*)\s*[.:]?\s*(.*)", re.DOTALL)


def read_s2orc(path: Path) -> Paper:
    """Read S2ORC JSON, raw or with its spans and bibliography cleaned away."""
    data = _load(path)
    body = _record(data.get("pdf_parse")) or _record(data.get("latex_parse")) or data
    if not _records(body.get("body_text")) and not _records(body.get("abstract")):
        raise DocumentError(f"{path}: JSON without `body_text`, so not S2ORC. Convert the paper with s2orc-doc2json.")
    reader = _Reader(PaperBuilder("s2orc"), _record(body.get("ref_entries")))
    reader.front(data, body)
    reader.paragraphs(_records(body.get("body_text")))
    reader.paragraphs(_records(body.get("back_matter")))
    reader.floats()
    reader.references(_record(body.get("bib_entries")))
    return reader.builder.build()


def _load(path: Path) -> Record:
    try:
        data = json.loads(decode(path.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"{path}: not valid JSON ({error}). Export the S2ORC file again.") from error
    if not isinstance(data, dict):
        raise DocumentError(f"{path}: the JSON is not an object, so not S2ORC. Convert the paper with s2orc-doc2json.")
    return data


class _Reader:
    def __init__(self, builder: PaperBuilder, ref_entries: Record) -> None:
        self.builder = builder
        self._ref_entries = ref_entries
        self._heading = ("", "")
        self._unrestored = 0

    def front(self, data: Record, body: Record) -> None:
        self.builder.title = _string(data.get("title")) or _string(body.get("title"))
        self.builder.authors = tuple(filter(None, (_author(person) for person in _records(data.get("authors")))))
        paragraphs = _records(body.get("abstract")) or _records(data.get("abstract"))
        texts = [_string(record.get("text")) for record in paragraphs] or [_string(data.get("abstract"))]
        if any(texts):
            self.builder.abstract()
        for text in texts:
            self.builder.paragraph(text)

    def paragraphs(self, records: list[Record]) -> None:
        for record in records:
            self._open_section(record)
            text = _string(record.get("text"))
            heading = HEADING_LINE.fullmatch(text)
            if heading:
                self._section(heading.group(1), heading.group(2))
            elif text:
                self._text(text, _records(record.get("eq_spans")))
        if self._unrestored:
            self.builder.warn(
                f"{self._unrestored} displayed formulas stand as {PLACEHOLDER} in this JSON, without their text. "
                "Use the PDF, the LaTeX source or the JSON before cleaning."
            )

    def floats(self) -> None:
        entries = [_record(entry) for entry in self._ref_entries.values()]
        kinds: list[tuple[str, FloatKind]] = [("table", "table"), ("figure", "figure"), ("algorithm", "algorithm")]
        if not any(_string(entry.get("type_str")) == name for entry in entries for name, _ in kinds):
            return
        self.builder.section("Figures and tables")
        for name, kind in kinds:
            found = [entry for entry in entries if _string(entry.get("type_str")) == name]
            for position, entry in enumerate(found, start=1):
                self._float(entry, kind, position)

    def references(self, entries: Record) -> None:
        for key, entry in entries.items():
            self.builder.reference(_reference(_record(entry)), number=_printed_number(key))
        if not entries:
            self.builder.warn("This JSON holds no bibliography (`bib_entries`).")

    def _open_section(self, record: Record) -> None:
        heading = (_string(record.get("sec_num")), _string(record.get("section")))
        if heading == self._heading:
            return
        self._heading = heading
        if any(heading) and not is_references(heading[1]):
            self._section(*heading)

    def _section(self, number: str, title: str) -> None:
        number = number.strip(" .")
        appendix = bool(re.fullmatch(r"[A-Z](\.\d+)*", number))
        level = depth(number) if number else 1
        self.builder.section(title or number, number=number, level=level, appendix=appendix)

    def _text(self, text: str, spans: list[Record]) -> None:
        """A paragraph; formulas inside its lines go back there, the others become blocks of their own."""
        at, prose = 0, ""
        for span in sorted(spans, key=lambda span: _position(span, "start")):
            start, end = _position(span, "start"), _position(span, "end")
            formula, notation = _formula(span, self._ref_entries)
            if not at <= start < end or not formula:
                continue
            prose += text[at:start]
            at = end
            if _string(span.get("ref_id")).startswith(INLINE):
                prose += f"${formula}$" if notation == "latex" else formula
                continue
            self._prose(prose)
            self.builder.equation(formula, notation, number=_string(span.get("eq_num")).strip("() "))
            prose = ""
        self._prose(prose + text[at:])

    def _prose(self, text: str) -> None:
        self._unrestored += text.split().count(PLACEHOLDER)
        if text.strip() != PLACEHOLDER and FORMULA.fullmatch(text.strip()) and _is_formula(text):
            self.builder.equation(text.strip(), "linearised")
        else:
            self.builder.paragraph(text)

    def _float(self, entry: Record, kind: FloatKind, position: int) -> None:
        caption = _string(entry.get("text"))
        numbered = CAPTION.fullmatch(caption)
        number = numbered.group(1) if numbered else _string(entry.get("fig_num")) or _string(entry.get("num"))
        content = _string(entry.get("html")) or _string(entry.get("content")) or _string(entry.get("latex"))
        text = _table(content) if "<" in content else content
        caption = numbered.group(2) if numbered else caption
        self.builder.float(kind, text, caption, number=number or str(position))


def _is_formula(text: str) -> bool:
    """Whether words are rare: a sentence with an equals sign in it is still a sentence."""
    words = re.findall(r"\b[a-z]{3,}\b", text)
    return len(text) > 5 and len("".join(words)) < 0.35 * len(text) and len(words) < 8


def _formula(span: Record, ref_entries: Record) -> tuple[str, Notation]:
    """A formula's LaTeX if the JSON has it, else what was read off the page."""
    entry = _record(ref_entries.get(_string(span.get("ref_id"))))
    latex = _string(span.get("latex")) or _string(entry.get("latex"))
    if latex:
        return cleaned(latex), "latex"
    candidates = (span.get("raw_str"), entry.get("text"), span.get("text"))
    found = next((text for text in map(_string, candidates) if text and text != PLACEHOLDER), "")
    return " ".join(found.split()), "linearised"


def _table(html: str) -> str:
    root = parse(html.encode(), "table")
    mark_formulas(root)
    inline = Inline()
    return "\n\n".join(filter(None, (table_markdown(table, inline.text) for table in root.iter("table"))))


def _printed_number(key: str) -> int:
    """GROBID counts from 0 what the paper prints as [1]; an entry it lost leaves a gap."""
    match = re.fullmatch(r"BIBREF(\d{1,5})", key)
    return int(match.group(1)) + 1 if match else 0


def _reference(entry: Record) -> str:
    raw = _string(entry.get("raw_text"))
    if raw:
        return raw
    authors = ", ".join(filter(None, (_author(person) for person in _records(entry.get("authors")))))
    parts = (authors, _string(entry.get("title")), _string(entry.get("venue")), _string(entry.get("year")))
    return ". ".join(part for part in parts if part)


def _author(person: Record) -> str:
    middle = person.get("middle")
    middles = [_string(name) for name in middle] if isinstance(middle, list) else []
    return " ".join(filter(None, [_string(person.get("first")), *middles, _string(person.get("last"))]))


def _record(value: object) -> Record:
    return value if isinstance(value, dict) else {}


def _records(value: object) -> list[Record]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _string(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _position(span: Record, key: str) -> int:
    value = span.get(key)
    return value if isinstance(value, int) else -1
