"""A paper written in Markdown."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from papercoder.documents.album import Album
from papercoder.documents.builder import FloatKind, PaperBuilder
from papercoder.documents.headings import depth, is_abstract, is_references, split_number
from papercoder.documents.html import PageReader, page_items
from papercoder.documents.html_tree import parse
from papercoder.documents.invisible import invisible
from papercoder.documents.markdown_chunks import CAPTION, FOOTNOTE, IMAGE, UNNUMBERED, Chunk, chunks, formula
from papercoder.documents.markdown_source import MarkdownSource, markdown_source
from papercoder.documents.plain import decode
from papercoder.documents.shelves import beside
from state.paper import Location, Paper

REFERENCE_START = re.compile(r"\s*(?:[-*+]|\[\^?\w+\]:?|\d{1,4}[.)])\s+(.*)")
TAG = re.compile(r"\\tag\*?\{([^{}]*)\}")
TARGET = re.compile(r"\]\(\s*<?([^\s<>()]+)")
AUTHORS = re.compile(r"[*_]*authors?[*_]*:[*_]*\s*(.+)", re.IGNORECASE)


def read_markdown(path: Path, album: Album | None = None) -> Paper:
    """Read a Markdown file; into the album come the images that it names, which lie beside it."""
    album = album or Album()
    album.shelf = album.shelf or beside(path.parent)
    source = markdown_source(decode(path.read_bytes()))
    found = _with_captions(chunks(source.lines))
    titled = not source.title and sum(chunk.kind == "heading" and chunk.info == "#" for chunk in found) == 1
    reader = _Reader(PaperBuilder("markdown"), path.name, titled, album)
    reader.front(source)
    for chunk in found:
        reader.add(chunk)
    return reader.finish(path)


@dataclass
class _Reader:
    builder: PaperBuilder
    file: str
    titled: bool
    """The file's one heading of the first level is the paper's title."""
    album: Album
    in_references: bool = False
    in_front: bool = True

    def front(self, source: MarkdownSource) -> None:
        self.builder.title, self.builder.authors = source.title, source.authors
        for text in source.hidden:
            self.builder.warn(invisible(text))
        if source.abstract:
            self.builder.abstract()
            self.builder.paragraph(source.abstract)

    def add(self, chunk: Chunk) -> None:
        location = Location(file=self.file, line=chunk.line)
        if chunk.kind == "heading":
            self._heading(chunk)
        elif self.in_references:
            self._references(chunk)
        elif chunk.kind == "math":
            self._equation(chunk, location)
        elif chunk.kind == "html":
            self._html(chunk)
        elif chunk.kind in ("table", "image", "algorithm"):
            self._float(chunk, location)
        else:
            self._paragraph(chunk, location)

    def finish(self, path: Path) -> Paper:
        self.builder.title = self.builder.title or path.stem
        if not self.builder.has_text():
            self.builder.warn("The Markdown file holds no text below its headings.")
        return self.builder.build()

    def _heading(self, chunk: Chunk) -> None:
        level, heading = len(chunk.info), chunk.text()
        self.in_references = is_references(heading)
        if self.in_references:
            return
        if level == 1 and self.titled:
            self.builder.title = heading
            return
        self.in_front = False
        if is_abstract(heading):
            self.builder.abstract()
            return
        number, title, appendix = split_number(heading)
        level = depth(number) if number else max(level - self.titled, 1)
        self.builder.section(title, number=number, level=level, appendix=appendix)

    def _references(self, chunk: Chunk) -> None:
        entry: list[str] = []
        for line in chunk.lines:
            start = REFERENCE_START.match(line)
            if start and entry:
                self.builder.reference(" ".join(entry))
                entry = []
            entry.append(start.group(1) if start else line)
        self.builder.reference(" ".join(entry))

    def _equation(self, chunk: Chunk, location: Location) -> None:
        tag = TAG.search(chunk.text())
        text = TAG.sub("", formula(chunk)).strip()
        self.builder.equation(text, "latex", number=tag.group(1) if tag else chunk.info, location=location)

    def _float(self, chunk: Chunk, location: Location) -> None:
        kinds: dict[str, FloatKind] = {"table": "table", "image": "figure", "algorithm": "algorithm"}
        image = IMAGE.match(chunk.text())
        caption = chunk.caption or (image.group(1) if image else "")
        match = CAPTION.fullmatch(caption)
        unnumbered = UNNUMBERED.fullmatch(caption)
        words = unnumbered.group(1) if unnumbered else caption
        number, words = (match.group(2), match.group(3)) if match else ("", words)
        text = "" if image else chunk.text()
        anchor = self.builder.float(kinds[chunk.kind], text, words.strip(" *_"), number=number, location=location)
        if image and (target := TARGET.search(chunk.text())):
            self.album.add(anchor, [target.group(1)])

    def _html(self, chunk: Chunk) -> None:
        """A piece of HTML between the paragraphs, read as a page is."""
        reader = PageReader(self.builder, titled=False, album=self.album)
        for item in page_items(parse(chunk.text().encode(), self.file), self.file, self.builder):
            item.location = Location(file=self.file, line=chunk.line)
            reader.add(item)

    def _paragraph(self, chunk: Chunk, location: Location) -> None:
        text = chunk.text()
        authors = AUTHORS.fullmatch(text)
        if authors and self.in_front:
            self.builder.authors = tuple(name.strip() for name in authors.group(1).split(",") if name.strip())
        elif note := FOOTNOTE.match(text):
            self.builder.footnote(note.group(2), number=note.group(1), location=location)
        else:
            self.builder.paragraph(text, location)


def _with_captions(parts: Iterable[Chunk]) -> list[Chunk]:
    """Join a caption's paragraph to the table or image next to it."""
    joined: list[Chunk] = []
    for chunk in parts:
        before = joined[-1] if joined else None
        if before and chunk.takes_caption() and before.captions(chunk):
            joined.pop()
            chunk.caption = before.text().strip()
        elif before and before.takes_caption() and chunk.captions(before):
            before.caption = chunk.text().strip()
            continue
        joined.append(chunk)
    return joined
