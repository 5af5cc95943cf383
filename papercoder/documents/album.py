"""The images of a paper's figures: named while it is read, then taken from where they are, or drawn."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

from papercoder.documents.drawing import Box, Drawing, draw
from papercoder.documents.image_files import ImageFile, NotAnImage, image_file, is_pdf
from state.paper import Block, ImageRef, Paper, Section

Images = dict[str, bytes]
"""The bytes of images under their SHA-256."""
Shelf = Callable[[Sequence[str]], dict[str, bytes]]
"""Where a paper's images lie: names in, the bytes of those that are there out."""

MAX_IMAGES = 200
MAX_OF_A_FIGURE = 16
MAX_SIDE = 2_000
"""Pixels of the longer side; a larger image is drawn anew, smaller."""
MAX_BYTES = 3_000_000
MAX_ALL_BYTES = 40_000_000
SCALE = 200 / 72
"""Pixels a point of what a PDF draws: sharp enough for its smallest letters."""
NAMES_SHOWN = 5


@dataclass(frozen=True)
class Region:
    """A part of a PDF's page; `page` counts from 1, `box` is in points from the page's lower left corner."""

    page: int
    box: Box


@dataclass
class Album:
    """Anchor of a figure → what shows it: names on the shelf, `data:` URLs, or regions of the PDF at `document`."""

    wanted: dict[str, list[str | Region]] = field(default_factory=dict)
    shelf: Shelf | None = None
    document: Path | None = None
    problems: dict[str, str] = field(default_factory=dict)  # name → why there is no image

    def add(self, anchor: str, sources: Sequence[str | Region]) -> None:
        """A figure is shown by these; without an anchor it is not in the paper."""
        if anchor and sources:
            self.wanted[anchor] = list(sources)[:MAX_OF_A_FIGURE]


def with_images(paper: Paper, album: Album, images: Images) -> Paper:
    """The paper with references to its figures' images, whose bytes go into `images`; what is missing is a warning."""
    made = _developed(album, images)
    found = {
        anchor: tuple(made[source] for source in sources if source in made) for anchor, sources in album.wanted.items()
    }

    def block(one: Block) -> Block:
        return one.model_copy(update={"images": found[one.id]}) if found.get(one.id) else one

    def section(one: Section) -> Section:
        return one.model_copy(update={"blocks": tuple(map(block, one.blocks))})

    update = {"sections": tuple(map(section, paper.sections)), "warnings": (*paper.warnings, *_warnings(album))}
    return paper.model_copy(update=update)


def _developed(album: Album, images: Images) -> dict[str | Region, ImageRef]:
    """Each source's image, as far as there is one."""
    sources = list(dict.fromkeys(source for wanted in album.wanted.values() for source in wanted))
    for source in sources[MAX_IMAGES:]:
        album.problems[_shown(source)] = f"only the first {MAX_IMAGES} images are kept"
    contents = _contents(sources[:MAX_IMAGES], album)
    as_they_are = {source: data for source, data in contents.items() if isinstance(data, bytes)}
    drawings = {source: data for source, data in contents.items() if isinstance(data, Drawing)}
    for source, drawn in zip(drawings, draw(list(drawings.values())), strict=True):
        if isinstance(drawn, str):
            album.problems[_shown(source)] = drawn
        else:
            as_they_are[source] = drawn
    return {source: ref for source in sources if (ref := _kept(source, as_they_are, album, images))}


def _contents(sources: Sequence[str | Region], album: Album) -> dict[str | Region, bytes | Drawing]:
    """Images that can stay as they are, and what has to be drawn."""
    names = [source for source in sources if isinstance(source, str) and not _is_data(source)]
    files = album.shelf(names) if names and album.shelf else {}
    found: dict[str | Region, bytes | Drawing] = {}
    for source in sources:
        if isinstance(source, Region):
            assert album.document
            found[source] = Drawing(album.document, MAX_SIDE, MAX_BYTES, SCALE, source.page - 1, source.box)
            continue
        data = _inline(source) if _is_data(source) else files.get(source)
        try:
            if data is None:
                raise NotAnImage("from elsewhere" if "://" in source else "not there")
            found[source] = _usable(data)
        except NotAnImage as error:
            album.problems.setdefault(_shown(source), str(error))
    return found


def _usable(data: bytes) -> bytes | Drawing:
    if is_pdf(data):
        return Drawing(data, MAX_SIDE, MAX_BYTES, SCALE)
    image = image_file(data)
    small = max(image.width, image.height) <= MAX_SIDE and len(data) <= MAX_BYTES
    return data if small else Drawing(data, MAX_SIDE, MAX_BYTES)


def _kept(source: str | Region, made: dict[str | Region, bytes], album: Album, images: Images) -> ImageRef | None:
    data = made.get(source)
    if data is None:
        return None
    if sum(map(len, images.values())) + len(data) > MAX_ALL_BYTES:
        album.problems[_shown(source)] = f"a paper's images may have {MAX_ALL_BYTES:,} bytes together"
        return None
    ref = reference(data, image_file(data))
    images[ref.sha256] = data
    return ref


def reference(data: bytes, image: ImageFile) -> ImageRef:
    """What stands for an image."""
    return ImageRef(
        sha256=hashlib.sha256(data).hexdigest(), media_type=image.media_type, width=image.width, height=image.height,
        bytes=len(data),
    )  # fmt: skip


def _is_data(source: str) -> bool:
    return source[:5].lower() == "data:"


def _inline(url: str) -> bytes | None:
    """The bytes of a `data:` URL; None where they are not what it says."""
    head, _, body = url.partition(",")
    try:
        raw = unquote_to_bytes(body)
        return base64.b64decode(raw) if head.lower().endswith(";base64") else raw
    except (binascii.Error, ValueError):
        return None


def _shown(source: str | Region) -> str:
    if isinstance(source, Region):
        return f"a figure on page {source.page}"
    return source[:24] + "…" if _is_data(source) else source[:80]


def _warnings(album: Album) -> list[str]:
    """One warning for each reason."""
    reasons: dict[str, list[str]] = {}
    for name, why in album.problems.items():
        reasons.setdefault(why, []).append(name)
    return [f"Images that are left out ({why}): {_listed(names)}." for why, names in reasons.items()]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more
