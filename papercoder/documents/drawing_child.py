"""The process that draws: regions of PDF pages, and images, as new PNGs.

It reads a JSON list of jobs and writes `0.png`, `1.png`, … into a folder, or `0.txt` with why there is none.  A job
that takes too long ends the process; its parent goes on behind it.
"""

import json
import signal
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

from papercoder.documents.image_files import NotAnImage, image_file, is_pdf
from papercoder.documents.image_pdf import as_pdf
from papercoder.documents.pdf import limit

MEMORY = 2 * 1024**3
MOST_PIXELS = 40_000_000
SHRINK = 0.7
SMALLEST = 64
"""Pixels of the longer side below which an image shows nothing any more."""


def main(folder: Path) -> int:
    """Draw what the jobs on standard input ask for."""
    jobs = json.load(sys.stdin)
    limit(MEMORY, sum(job["seconds"] for job in jobs))
    for job in jobs:
        signal.alarm(job["seconds"])
        target = folder / f"{job['number']}"
        try:
            made = _draw(job)
        except (NotAnImage, MemoryError) as error:
            target.with_suffix(".txt").write_text(str(error) or "it takes too much memory")
        else:
            part = target.with_suffix(".part")
            part.write_bytes(made)
            part.replace(target.with_suffix(".png"))
    return 0


def _draw(job: dict[str, Any]) -> bytes:
    """A PNG with at most `side` pixels on the longer side, `scale` pixels a point, and `bytes` bytes."""
    import pypdfium2

    data = Path(job["file"]).read_bytes()
    try:
        page = pypdfium2.PdfDocument(data if is_pdf(data) else _wrapped(data))[job["page"]]
        width, height = page.get_size()
        x0, y0, x1, y1 = job["box"] or (0.0, 0.0, width, height)
        longer = max(x1 - x0, y1 - y0, 1e-3)
        scale = min(job["scale"], job["side"] / longer)
        crop = (x0, y0, max(width - x1, 0), max(height - y1, 0))
        while scale * longer >= SMALLEST:
            made = _png(page.render(scale=scale, crop=crop, rev_byteorder=True))
            if len(made) <= job["bytes"]:
                return made
            scale *= SHRINK
    except pypdfium2.PdfiumError as error:
        raise NotAnImage(f"it is damaged ({error})") from error
    raise NotAnImage("it is too small to show anything")


def _wrapped(data: bytes) -> bytes:
    image = image_file(data)
    if image.width * image.height > MOST_PIXELS:
        raise NotAnImage(f"{image.width} × {image.height} pixels are too many")
    return as_pdf(data, image)


def _png(bitmap: Any) -> bytes:
    """A bitmap of 8-bit grey or RGB, which is what pages without transparency come as."""
    channels = bitmap.n_channels
    row, stride, pixels = bitmap.width * channels, bitmap.stride, bytes(bitmap.buffer)
    lines = b"".join(b"\0" + pixels[at : at + row] for at in range(0, stride * bitmap.height, stride))
    head = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 7)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
