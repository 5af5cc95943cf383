"""A paper from its LaTeX source: a file, a folder or an archive."""

import re
from pathlib import Path

from papercoder.documents.album import Album
from papercoder.documents.builder import PaperBuilder
from papercoder.documents.errors import DocumentError
from papercoder.documents.headings import is_references
from papercoder.documents.invisible import invisible
from papercoder.documents.latex_algorithms import algorithm_lines
from papercoder.documents.latex_bibliography import Entry, citations, entries
from papercoder.documents.latex_flatten import Flat, flatten, unmarked
from papercoder.documents.latex_float_text import float_text
from papercoder.documents.latex_front import authors, title
from papercoder.documents.latex_graphics import graphics, graphics_folders
from papercoder.documents.latex_hidden import without_hidden
from papercoder.documents.latex_inline import Inline
from papercoder.documents.latex_macros import Expander
from papercoder.documents.latex_scan import Tex
from papercoder.documents.latex_source import Source, open_source
from papercoder.documents.latex_structure import Item, Walker
from state.paper import Paper

DOCUMENT = re.compile(r"\\begin\s*\{document\}")
BIBLIOGRAPHY = re.compile(r"\\begin\s*\{thebibliography\}")
RUN_IN = re.compile(r"\s*\\runin(?![a-zA-Z])")


def read_latex(path: Path, album: Album | None = None) -> Paper:
    """Read a LaTeX source; into the album come the image files of its figures."""
    source = open_source(path)
    flat = flatten(source)
    if not unmarked(flat.text).strip():
        raise DocumentError(f"{path}: the LaTeX source holds no text. Give the paper's main .tex file.")
    paper = _Reader(source, flat, album or Album()).read()
    if not paper.blocks():
        raise DocumentError(f"{path}: no text was found in it. Check that it is the paper, and all of it.")
    return paper


class _Reader:
    def __init__(self, source: Source, flat: Flat, album: Album) -> None:
        self._album = album
        self._builder = PaperBuilder("latex")
        self._source = source
        self._flat = flat
        self._expander = Expander()
        self._inline = Inline()
        self._notes = 0

    def read(self) -> Paper:
        text = self._expander.expand(self._flat.text)
        preamble, body = _split(text)
        self._album.shelf = self._source.shelf(graphics_folders(text))
        body, hidden = without_hidden(preamble, body)
        for words in hidden:
            self._builder.warn(invisible(words))
        body, bibliography = _without_bibliography(body)
        structure = Walker(self._flat, preamble, body).walk()
        self._inline.labels = structure.labels
        found = self._bibliography(bibliography)
        self._front(unmarked(text))
        for item in structure.items:
            self._item(item)
        for entry in found:
            self._builder.reference(self._inline.text(entry.text))
        return self._finish()

    def _front(self, text: str) -> None:
        self._builder.title = self._inline.text(title(text)) or Path(self._source.main).stem
        self._builder.authors = authors(text, self._inline.text)
        self._inline.footnotes.clear()

    def _bibliography(self, text: str) -> list[Entry]:
        """The entries; `\\cite` knows their keys from here on."""
        file = self._source.bibliography()
        if not text and file:
            text = self._expander.expand(self._source.load(file))
        found = [entry for entry in entries(unmarked(text)) if entry.text.strip()]
        if not found:
            self._builder.warn("No bibliography in the source: citations are shown by their keys.")
        self._inline.citations = citations(found, {entry.key: self._inline.text(entry.authors) for entry in found})
        return found

    def _finish(self) -> Paper:
        for warning in self._flat.warnings:
            self._builder.warn(warning)
        if self._expander.exhausted:
            self._builder.warn("The paper's macros expand without end; the rest of them was left unexpanded.")
        return self._builder.build()

    def _item(self, item: Item) -> None:
        if item.kind == "section":
            self._section(item)
        elif item.kind == "abstract":
            self._builder.abstract()
        elif item.kind == "paragraph":
            self._builder.paragraph(self._paragraph(item.text), item.location)
        elif item.kind == "equation":
            number = self._inline.text(item.number)
            self._builder.equation(item.text, "latex", number=number, location=item.location)
        elif item.kind == "code":
            self._builder.paragraph(f"```\n{item.text}\n```" if item.text.strip() else "", item.location)
        else:
            caption = self._inline.text(item.caption)
            text = self._float_text(item)
            anchor = self._builder.float(item.kind, text, caption, number=item.number, location=item.location)
            if item.kind == "figure":
                self._album.add(anchor, graphics(unmarked(item.text)))
        self._footnotes(item)

    def _section(self, item: Item) -> None:
        heading = self._inline.text(item.text)
        if not is_references(heading):
            self._builder.section(heading, number=item.number, level=item.level, appendix=item.appendix)

    def _paragraph(self, source: str) -> str:
        """A paragraph's text; the heading that runs into it stays bold."""
        run_in = RUN_IN.match(source)
        if not run_in:
            return self._inline.text(source)
        heading, at = Tex(source).group(run_in.end())
        return f"**{self._inline.text(heading)}** {self._inline.text(source[at:])}".strip()

    def _float_text(self, item: Item) -> str:
        if item.kind == "algorithm":
            return algorithm_lines(item.text, self._inline.text)
        return float_text(item.kind, item.text, self._inline.text)

    def _footnotes(self, item: Item) -> None:
        for note in self._inline.footnotes:
            self._notes += 1
            self._builder.footnote(note, number=str(self._notes), location=item.location)
        self._inline.footnotes.clear()


def _split(text: str) -> tuple[str, str]:
    """Preamble and body; a fragment without ``\\begin{document}`` is all body."""
    begin = DOCUMENT.search(text)
    if not begin:
        return "", text
    end = text.find("\\end{document}", begin.end())
    return text[: begin.start()], text[begin.end() : end if end >= 0 else len(text)]


def _without_bibliography(body: str) -> tuple[str, str]:
    begin = BIBLIOGRAPHY.search(body)
    if not begin:
        return body, ""
    _, after = Tex(body).environment(begin.start())
    return body[: begin.start()] + body[after:], body[begin.start() : after]
