"""Small papers made in the test itself: text files, and PDFs in plain PDF syntax."""

from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.documents import read_paper
from state.paper import Paper

Text = tuple[str, float, float, float, str] | str
ReadText = Callable[[str, str], Paper]
MakePdf = Callable[..., Path]

FONTS = {"F": "Helvetica", "B": "Helvetica-Bold", "S": "Symbol"}


@pytest.fixture
def read_text(tmp_path: Path) -> ReadText:
    """Write a file of this name and text, and read it as a paper."""

    def read(name: str, text: str) -> Paper:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_paper(path)

    return read


@pytest.fixture
def make_pdf(tmp_path: Path) -> MakePdf:
    """Write a PDF; each page is a list of (text, x, y, size, style), where style holds a font and PDF operators.

    A mere string is drawn as it is: `rule(…)` and `box(…)` are such.
    """

    def make(*pages: list[Text], extra: str = "") -> Path:
        path = tmp_path / "paper.pdf"
        path.write_bytes(_pdf([_content(page) for page in pages], extra))
        return path

    return make


def _content(texts: list[Text]) -> bytes:
    lines = []
    for item in texts:
        if isinstance(item, str):
            lines.append(item)
            continue
        text, x, y, size, style = item
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        lines.append(f"BT {style[1:]} /{style[0]} {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET")
    return "\n".join(lines).encode("latin-1")


def _pdf(contents: list[bytes], extra: str) -> bytes:
    count = len(contents)
    kids = " ".join(f"{3 + len(FONTS) + 2 * index} 0 R" for index in range(count))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode()]
    objects += [f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} >>".encode() for name in FONTS.values()]
    for index, content in enumerate(contents):
        fonts = " ".join(f"/{name} {number} 0 R" for number, name in enumerate(FONTS, start=3))
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << {fonts} >> >>"
        objects.append(f"{page} /Contents {4 + len(FONTS) + 2 * index} 0 R >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    return _with_table(objects, extra)


def _with_table(objects: list[bytes], extra: str) -> bytes:
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return data + f"trailer << /Size {len(objects) + 1} /Root 1 0 R {extra} >>\nstartxref\n{start}\n%%EOF\n".encode()
