"""What an image file says of itself: its media type and size, from its head alone; nothing is decoded."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
PDF = b"%PDF-"
PDF_WITHIN = 1024
"""Where a PDF may begin: readers bear with some bytes before its mark."""
START_OF_FRAME = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
OTHERS = {
    b"GIF8": "GIF", b"RIFF": "WebP", b"II*\0": "TIFF", b"MM\0*": "TIFF", b"BM": "BMP", b"%!PS": "EPS",
    b"\xc5\xd0\xd3\xc6": "EPS", b"<svg": "SVG", b"<?xml": "SVG", b"\x01\0\0\0": "EMF", b"\xd7\xcd\xc6\x9a": "WMF",
}  # fmt: skip


class NotAnImage(ValueError):
    """The bytes are none of the images that are kept; the message says what they are."""


@dataclass(frozen=True)
class ImageFile:
    """A PNG or JPEG.  `colours` are its channels; of a PNG `kind` is the colour type, of a JPEG 2 or, for CMYK, 4."""

    media_type: Literal["image/png", "image/jpeg"]
    width: int
    height: int
    bits: int
    kind: int
    interlaced: bool = False


def is_pdf(data: bytes) -> bool:
    return PDF in data[:PDF_WITHIN]


def image_file(data: bytes) -> ImageFile:
    """What the bytes are, whatever their name says.  Raises `NotAnImage`."""
    try:
        if data.startswith(PNG):
            return _png(data)
        if data.startswith(JPEG):
            return _jpeg(data)
    except (struct.error, IndexError) as error:
        raise NotAnImage("it is cut short") from error
    kind = next((name for mark, name in OTHERS.items() if data.lstrip()[:5].startswith(mark)), "")
    raise NotAnImage(f"{kind} is not kept" if kind else "it is no image")


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of a PNG's chunks; the last one may be cut short."""
    at = len(PNG)
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        yield name, data[at + 8 : at + 8 + length]
        at += 12 + length


def _png(data: bytes) -> ImageFile:
    width, height, bits, kind, _, _, interlace = struct.unpack_from(">IIBBBBB", data, 16)
    if data[12:16] != b"IHDR" or not width or not height or kind not in (0, 2, 3, 4, 6):
        raise NotAnImage("its head is damaged")
    return ImageFile("image/png", width, height, bits, kind, bool(interlace))


def _jpeg(data: bytes) -> ImageFile:
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        mark, code = data[at], data[at + 1]
        if mark != 0xFF or code == 0xDA:
            raise NotAnImage("its head is damaged")
        if code in START_OF_FRAME:
            bits, height, width, channels = struct.unpack_from(">BHHB", data, at + 4)
            if not width or not height or channels not in (1, 3, 4):
                raise NotAnImage("its head is damaged")
            return ImageFile("image/jpeg", width, height, bits, {1: 0, 3: 2, 4: 4}[channels])
        at += 2 if code in WITHOUT_LENGTH else 2 + struct.unpack_from(">H", data, at + 2)[0]
