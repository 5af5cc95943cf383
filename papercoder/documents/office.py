"""Word, OpenDocument and RTF papers: pandoc keeps their equations, our page reader does the rest."""

import io
import zipfile
from pathlib import Path

from lxml import etree

from papercoder.documents.album import Album
from papercoder.documents.archive import DAMAGED, check_members, read_member
from papercoder.documents.builder import PaperBuilder
from papercoder.documents.errors import DocumentError
from papercoder.documents.formats import format_of
from papercoder.documents.html import read_page
from papercoder.documents.invisible import invisible
from papercoder.documents.office_hidden import without_hidden
from papercoder.documents.office_opendocument import front, mend_formulas
from papercoder.documents.pandoc import to_html
from papercoder.documents.shelves import packed
from state.paper import Paper

PICTURES = (".png", ".jpg", ".jpeg")
"""Left empty rather than out, so that pandoc says where each belongs; the bytes come from the document itself."""
MEDIA = (".gif", ".emf", ".wmf", ".tif", ".tiff", ".svg", ".bmp", ".bin", ".mp4", ".ttf")

FOLDERS = ("", "word")
"""What image names are relative to: the package itself, or the folder of Word's document in it."""


def read_office(path: Path, album: Album | None = None) -> Paper:
    """Read a .docx, .odt or .rtf file; into the album come the images in it."""
    found = format_of(path)[0]
    builder = PaperBuilder(found.lower())
    package = _Package(path) if found != "RTF" else None
    page = to_html(package.checked() if package else path.read_bytes(), found.lower(), str(path))
    if found == "ODT":  # its formulas are all the same; one alone in its paragraph is a displayed one
        page = page.replace(b'class="math display"', b'class="math inline"')
    album = album or Album()
    album.shelf = packed(path, FOLDERS) if package else None
    paper = read_page(page, path.name, builder, album)
    if not paper.blocks():
        raise DocumentError(f"{path}: no text in it. If its pages are pictures, run OCR over it first.")
    if not package:
        return paper
    return paper.model_copy(
        update={
            "title": " ".join(package.front["title"]) or paper.title,
            "authors": tuple(package.front["author"]) or paper.authors,
            "warnings": (*map(invisible, package.hidden), *paper.warnings),
        }
    )


class _Package:
    """A document's zip, to be made anew from parts that were checked, without pictures and hidden text."""

    def __init__(self, path: Path) -> None:
        self.hidden: list[str] = []
        self.front: dict[str, list[str]] = {"title": [], "author": []}
        self._path = path

    def checked(self) -> bytes:
        packed = io.BytesIO()
        try:
            with zipfile.ZipFile(self._path) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
                check_members(self._path, old.infolist())
                for member in old.infolist():
                    name = member.filename.lower()
                    if name.endswith(PICTURES):
                        new.writestr(member.filename, b"")
                    elif not name.endswith(MEDIA) and not member.is_dir():
                        new.writestr(member.filename, self._part(member.filename, read_member(self._path, old, member)))
        except DAMAGED as error:
            if isinstance(error, OSError) and error.errno:
                raise
            cause = f"{self._path}: damaged ({error}). Open it in its program and save it again."
            raise DocumentError(cause) from error
        return packed.getvalue()

    def _part(self, name: str, content: bytes) -> bytes:
        """A part without hidden text.  Entities are how a document reads files or grows without end: refused."""
        if not name.endswith((".xml", ".rels")):
            return content
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            root = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            cause = f"{self._path}: damaged in {name} ({error}). Save it again in its program."
            raise DocumentError(cause) from error
        if root.getroottree().docinfo.doctype:
            cause = f"{self._path}: {name} declares entities, as no word processor does. Save it again in one."
            raise DocumentError(cause)
        hidden = without_hidden(root)
        self.hidden += hidden
        changed = bool(hidden)
        if name == "content.xml":
            changed = mend_formulas(root) or changed
            self.front = front(root)
            changed = changed or any(self.front.values())
        return etree.tostring(root, encoding="utf-8", xml_declaration=True) if changed else content
