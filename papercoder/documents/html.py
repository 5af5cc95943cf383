"""A paper as a web page: arXiv's own (LaTeXML), or any other."""

import re
from pathlib import Path

from lxml import etree

from papercoder.documents.album import Album
from papercoder.documents.builder import PaperBuilder
from papercoder.documents.errors import DocumentError
from papercoder.documents.headings import depth, is_abstract, is_references, split_number
from papercoder.documents.html_latexml import normalise
from papercoder.documents.html_math import mark_formulas
from papercoder.documents.html_tree import classes, parse, prune
from papercoder.documents.html_walk import CAPTION, Item, Walker
from papercoder.documents.invisible import invisible
from papercoder.documents.names import is_name
from papercoder.documents.shelves import beside
from state.paper import Paper

FEWEST_WORDS = 40
MAIN = ("ltx_document", "ltx_page_content", "mw-parser-output")
REFERENCE_MARK = re.compile(r"(?:\[(\d{1,4})\]|(\d{1,4})\.)\s+")
CAPTIONED = {"table": "table", "figure": "fig", "algorithm": "algorithm"}


def read_html(path: Path, album: Album | None = None) -> Paper:
    """Read a page that was saved; into the album come the images of its figures, beside it or where it is from."""
    album = album or Album()
    album.shelf = album.shelf or beside(path.parent)
    paper = read_page(path.read_bytes(), path.name, PaperBuilder("html"), album)
    words = sum(len(block.text.split()) for block in paper.blocks())
    if words < FEWEST_WORDS:
        raise DocumentError(f"{path}: a page of {words} words, so not a paper (perhaps a log-in page). Save the paper.")
    return paper


def read_page(data: bytes, name: str, builder: PaperBuilder, album: Album | None = None) -> Paper:
    """Read a page's bytes; `name` is what locations call it."""
    root = parse(data, name)
    title, authors = _meta(root)
    items = page_items(root, name, builder)
    titled = sum(item.kind == "section" and item.level == 1 for item in items) == 1
    reader = PageReader(builder, titled=titled, album=album or Album())
    for item in items:
        reader.add(item)
    builder.title = reader.title or title or Path(name).stem
    builder.authors = reader.authors or authors
    return builder.build()


def page_items(root: etree._Element, name: str, builder: PaperBuilder) -> list[Item]:
    """What a page or a piece of one holds; what it hides is warned of."""
    normalise(root)
    mark_formulas(root)
    for text in prune(root):
        builder.warn(invisible(text))
    return _with_captions(Walker(name).walk(_main(root)))


def _meta(root: etree._Element) -> tuple[str, tuple[str, ...]]:
    """Title and authors as the page's head gives them."""
    metas = [(one.get("name", ""), one.get("content", "")) for one in root.iter("meta")]
    titles = [content for name, content in metas if name in ("citation_title", "dc.title", "DC.Title")]
    titles += [" ".join("".join(one.itertext()).split()) for one in root.iter("title")]
    names = [content for name, content in metas if name in ("citation_author", "author", "dc.creator", "DC.Creator")]
    return next(filter(None, titles), ""), tuple(" ".join(reversed(name.split(", "))) for name in names if name)


def _main(root: etree._Element) -> etree._Element:
    """The part of the page that is the paper."""
    for name in MAIN:
        if found := [one for one in root.iter("div", "article") if name in classes(one)]:
            return found[0]
    for tag in ("article", "main"):
        if len(found := list(root.iter(tag))) == 1:
            return found[0]
    return root


class PageReader:
    """Puts a page's items into a paper.  `titled`: the page's one heading of the first level is the paper's title."""

    def __init__(self, builder: PaperBuilder, *, titled: bool, album: Album) -> None:
        self._album = album
        self._titled = titled
        self.title = ""
        self.authors: tuple[str, ...] = ()
        self._builder = builder
        self._in_references = False
        self._notes = 0

    def add(self, item: Item) -> None:
        if item.kind == "title":
            self.title = self.title or item.text
        elif item.kind == "author":
            self.authors += (item.text,) if is_name(item.text) and item.text not in self.authors else ()
        elif item.kind == "section":
            self._section(item)
        elif item.kind == "abstract":
            self._builder.abstract()
        elif item.kind == "reference":
            self._builder.reference(item.text, number=int(item.number or 0))
        elif self._in_references and item.kind == "paragraph":
            self._reference(item.text)
        else:
            self._block(item)

    def _section(self, item: Item) -> None:
        heading = item.text.strip("# ¶")
        self._in_references = is_references(heading)
        if self._in_references or not heading:
            return
        if item.level == 1 and self._titled and not self.title:
            self.title = heading
        elif is_abstract(heading):
            self._builder.abstract()
        else:
            number, title, appendix = split_number(heading)
            level = depth(number) if number else max(item.level - self._titled, 1)
            self._builder.section(title, number=number, level=level, appendix=appendix)

    def _reference(self, text: str) -> None:
        text = re.sub(r"^(?:-|\d+\.)\s+(?=\[)|^-\s+", "", text)
        mark = REFERENCE_MARK.match(text)
        self._builder.reference(text[mark.end() :] if mark else text)

    def _block(self, item: Item) -> None:
        if item.kind == "equation":
            self._builder.equation(item.text, "latex", number=item.number, location=item.location)
        elif item.kind == "footnote":
            self._notes += 1
            self._builder.footnote(item.text, number=item.number or str(self._notes), location=item.location)
        elif item.kind in ("table", "figure", "algorithm"):
            anchor = self._builder.float(item.kind, item.text, item.caption, number=item.number, location=item.location)
            self._album.add(anchor, item.images)
        elif is_abstract(item.text):
            self._builder.abstract()
        else:
            self._builder.paragraph(item.text, item.location)


def _with_captions(items: list[Item]) -> list[Item]:
    """Join a caption that is only a paragraph to the table or figure next to it, as word processors write them."""
    joined: list[Item] = []
    for item in items:
        before = joined[-1] if joined else None
        if before and _captions(before, item):
            joined[-1] = _captioned(item, before.text)
        elif before and _captions(item, before):
            joined[-1] = _captioned(before, item.text)
        else:
            joined.append(item)
    return joined


def _captions(paragraph: Item, other: Item) -> bool:
    if paragraph.kind != "paragraph" or other.kind not in CAPTIONED or other.caption or other.number:
        return False
    match = CAPTION.fullmatch(paragraph.text)
    return bool(match and match.group(1).lower().startswith(CAPTIONED[other.kind]))


def _captioned(item: Item, caption: str) -> Item:
    match = CAPTION.fullmatch(caption)
    item.number, item.caption = (match.group(2), match.group(3)) if match else ("", caption)
    return item
