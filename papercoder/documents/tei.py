"""A paper as the TEI XML that GROBID writes."""

import re
from pathlib import Path

from lxml import etree

from papercoder.documents.builder import FloatKind, PaperBuilder
from papercoder.documents.errors import DocumentError
from papercoder.documents.headings import depth, is_references
from papercoder.documents.html_inline import one_line
from papercoder.documents.tables import markdown_table
from state.paper import Location, Paper

NAMESPACE = {"t": "http://www.tei-c.org/ns/1.0"}
T = "{http://www.tei-c.org/ns/1.0}"
PRINTED = re.compile(r"\(?\s*([\w.]+)\s*\)?")
CAPTION = re.compile(
    r"(?:Table|Figure|Fig\.|Algorithm)\s*([A-Z]?\.?\d+(?:\.\d+)*)\s*[.:]?\s*(.*)", re.DOTALL | re.IGNORECASE
)


def read_tei(path: Path) -> Paper:
    """Read a .tei.xml file."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except etree.XMLSyntaxError as error:
        raise DocumentError(f"{path}: not valid XML ({error}). Run GROBID again.") from error
    reader = _Reader(PaperBuilder("tei"), path.name)
    reader.read(root)
    if not reader.builder.has_text():
        raise DocumentError(f"{path}: TEI without any text. Run GROBID's processFulltextDocument on the PDF.")
    return reader.builder.build()


class _Reader:
    def __init__(self, builder: PaperBuilder, file: str) -> None:
        self.builder = builder
        self._file = file

    def read(self, root: etree._Element) -> None:
        title = root.find(".//t:titleStmt/t:title", NAMESPACE)
        self.builder.title = _text(title) if title is not None else ""
        people = root.iterfind(".//t:sourceDesc//t:analytic/t:author/t:persName", NAMESPACE)
        self.builder.authors = tuple(filter(None, (" ".join(_text(part) for part in person) for person in people)))
        self._abstract(root.find(".//t:profileDesc/t:abstract", NAMESPACE))
        for part in ("body", "back"):
            for holder in root.iterfind(f".//t:text/t:{part}", NAMESPACE):
                self._inside(holder)
        for entry in root.iterfind(".//t:listBibl/t:biblStruct", NAMESPACE):
            self._reference(entry)

    def _abstract(self, abstract: etree._Element | None) -> None:
        if abstract is not None and _text(abstract):
            self.builder.abstract()
            self._inside(abstract)

    def _inside(self, holder: etree._Element) -> None:
        for element in holder.iter(f"{T}head", f"{T}p", f"{T}formula", f"{T}figure", f"{T}note"):
            tag, inside = element.tag.removeprefix(T), next(element.iterancestors(f"{T}figure", f"{T}listBibl"), None)
            if inside is not None:
                continue
            if tag == "head":
                self._section(element)
            elif tag == "p":
                self.builder.paragraph(_text(element), self._location(element))
            elif tag == "formula":
                self._formula(element)
            elif tag == "figure":
                self._figure(element)
            elif element.get("place") == "foot":
                self.builder.footnote(_text(element), number=element.get("n", ""), location=self._location(element))

    def _section(self, head: etree._Element) -> None:
        number, heading = head.get("n", "").strip(" ."), _text(head)
        if not is_references(heading):
            appendix = bool(re.fullmatch(r"[A-Z](\.\d+)*", number))
            level = depth(number) if number else 1
            self.builder.section(heading, number=number, level=level, appendix=appendix)

    def _formula(self, formula: etree._Element) -> None:
        label = formula.find("t:label", NAMESPACE)
        printed = PRINTED.fullmatch(_text(label)) if label is not None else None
        if label is not None:
            label.text = ""
        number = printed.group(1) if printed else ""
        self.builder.equation(_text(formula), "linearised", number=number, location=self._location(formula))

    def _figure(self, figure: etree._Element) -> None:
        """A figure or a table; GROBID keeps a table's cells and often repeats its caption before them."""
        head, words = figure.find("t:head", NAMESPACE), figure.find("t:figDesc", NAMESPACE)
        caption = _text(words) if words is not None else _text(head) if head is not None else ""
        label = figure.find("t:label", NAMESPACE)
        match = CAPTION.fullmatch(caption)
        number = _text(label) if label is not None else match.group(1) if match else ""
        rows = [[_text(cell) for cell in row] for row in figure.iter(f"{T}row")]
        kind: FloatKind = "table" if figure.get("type") == "table" else "figure"
        caption = match.group(2) if match else caption
        self.builder.float(kind, markdown_table(rows), caption, number=number, location=self._location(figure))

    def _reference(self, entry: etree._Element) -> None:
        raw = entry.find("t:note[@type='raw_reference']", NAMESPACE)
        number = re.fullmatch(r"b(\d{1,4})", entry.get("{http://www.w3.org/XML/1998/namespace}id", ""))
        text = _text(raw) if raw is not None else ". ".join(filter(None, (_text(part) for part in entry)))
        self.builder.reference(text, number=int(number.group(1)) + 1 if number else 0)

    def _location(self, element: etree._Element) -> Location:
        """GROBID notes the page of a block where it was asked for coordinates: `page,x,y,width,height;…`."""
        page = element.get("coords", "").split(",")[0]
        return Location(file=self._file, line=element.sourceline, page=int(page) if page.isdecimal() else None)


def _text(element: etree._Element) -> str:
    return one_line("".join(element.itertext()))
