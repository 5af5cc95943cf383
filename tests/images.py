"""PNGs made by the test itself, and their pixels read back by the library that reads PDFs."""

import base64
import struct
import zlib
from pathlib import Path

import pypdfium2

from papercoder.documents.image_files import image_file
from papercoder.documents.image_pdf import as_pdf

Pixel = tuple[int, ...]
CHANNELS = {1: 0, 2: 4, 3: 2, 4: 6}


def png(width: int, height: int, pixel: Pixel, *, interlaced: bool = False, extra: bytes = b"") -> bytes:
    """One colour: grey, grey with opacity, RGB, or RGB with opacity."""
    head = struct.pack(">IIBBBBB", width, height, 8, CHANNELS[len(pixel)], 0, 0, int(interlaced))
    rows = (b"\0" + bytes(pixel) * width) * height
    parts = ((b"IHDR", head), (b"tEXt", extra), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


def pixels(data: bytes) -> tuple[int, int, list[Pixel]]:
    """Width, height, and RGB from the upper left corner on."""
    page = pypdfium2.PdfDocument(as_pdf(data, image_file(data)))[0]
    bitmap = page.render(scale=1, rev_byteorder=True)
    raw, stride = bytes(bitmap.buffer), bitmap.stride
    rows = (raw[at : at + 3 * bitmap.width] for at in range(0, stride * bitmap.height, stride))
    return bitmap.width, bitmap.height, [tuple(row[x : x + 3]) for row in rows for x in range(0, len(row), 3)]


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////"
    "////////////////////wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAI"
    "AQEAAD8AE//Z"
)
"""Eight pixels square, black."""
EXIF = JPEG[:2] + b"\xff\xe1\x00\x14Exif\x00\x00Where I live" + JPEG[2:]
