"""A paper as an EPUB: its chapters are pages, read one after the other as one."""

import posixpath
import zipfile
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from papercoder.documents.album import Album
from papercoder.documents.archive import DAMAGED, check_members, read_member
from papercoder.documents.builder import PaperBuilder
from papercoder.documents.errors import DocumentError
from papercoder.documents.html import read_page
from papercoder.documents.html_tree import parse
from papercoder.documents.shelves import packed
from state.paper import Paper

CONTAINER = "META-INF/container.xml"
MAX_CHAPTERS = 2_000


def read_epub(path: Path, album: Album | None = None) -> Paper:
    """Read an .epub file; into the album come the images in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            check_members(path, archive.infolist())
            chapters = _chapters(path, archive)
            pages = [(name, read_member(path, archive, archive.getinfo(name))) for name in chapters]
    except (KeyError, *DAMAGED) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise DocumentError(f"{path}: not a complete EPUB ({error}). Download it again.") from error
    album = album or Album()
    album.shelf = packed(path)
    paper = read_page(_joined(pages, str(path)), path.name, PaperBuilder("epub"), album)
    if not paper.blocks():
        raise DocumentError(f"{path}: no text in its chapters. Give another format.")
    return paper


def _chapters(path: Path, archive: zipfile.ZipFile) -> list[str]:
    """The names of the chapters' files, in reading order."""
    container = _xml(path, read_member(path, archive, archive.getinfo(CONTAINER)))
    package_name = next(iter(container.xpath("//*[local-name()='rootfile']/@full-path")), "")
    package = _xml(path, read_member(path, archive, archive.getinfo(package_name)))
    files = {
        item.get("id"): posixpath.normpath(
            posixpath.join(posixpath.dirname(package_name), unquote(item.get("href", "")))
        )
        for item in package.xpath("//*[local-name()='item'][@href]")
        if "nav" not in item.get("properties", "").split()
    }
    order = package.xpath("//*[local-name()='itemref']/@idref")
    return [files[name] for name in order[:MAX_CHAPTERS] if name in files]


def _xml(path: Path, content: bytes) -> etree._Element:
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise DocumentError(f"{path}: damaged ({error}). Download it again.") from error


def _joined(pages: list[tuple[str, bytes]], where: str) -> bytes:
    """One page with the bodies and styles of all; images are named as the archive names them."""
    whole = etree.fromstring(b"<html><head></head><body></body></html>", etree.HTMLParser())
    for name, page in pages:
        root = parse(page, where)
        for image in root.iter("img"):
            if not image.get("src", "").startswith("data:"):
                image.set("src", posixpath.join(posixpath.dirname(name), image.get("src", "")))
        whole[0].extend(list(root.iter("style", "meta")))
        for body in root.iter("body"):
            body.tag = "div"
            whole[1].append(body)
    return bytes(etree.tostring(whole, encoding="utf-8", method="html"))
