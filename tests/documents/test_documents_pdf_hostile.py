"""PDFs that are broken, scanned, or made to do harm: refused or contained, with a message, within bounds."""

import time
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from papercoder.documents import DocumentError, pdf, read_paper

MakePdf = Callable[..., Path]
Objects = list[bytes]

TEXT = b"BT /F 10 Tf 72 700 Td (These are the visible words of a small page, long enough to be a paper.) Tj ET"
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def page(size: bytes = b"612 792", resources: bytes = b"") -> bytes:
    head = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %s] /Contents 5 0 R" % size
    return head + b" /Resources << /Font << /F 3 0 R >> %s >> >>" % resources


def stream(content: bytes, filters: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), filters, content)


def packed(content: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        content = zlib.compress(content, 9)
    return stream(content, b"/Filter [%s]" % (b"/FlateDecode " * times))


def image(width: int, height: int, pixels: bytes) -> bytes:
    data = zlib.compress(pixels)
    head = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
    return stream(data, head % (width, height) + b" /Filter /FlateDecode")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Objects], Path]:
    def written(objects: Objects) -> Path:
        data, offsets = b"%PDF-1.4\n", []
        for number, body in enumerate(objects, start=1):
            offsets.append(len(data))
            data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(data))
        path = tmp_path / "paper.pdf"
        path.write_bytes(data + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end)
        return path

    return written


@pytest.mark.parametrize(
    "objects",
    [
        [CATALOG, PAGES, FONT, page(b"1000000000 1000000000"), stream(TEXT)],
        [CATALOG, PAGES, FONT, page(), stream(TEXT + b" " + b"[" * 500_000)],
        [CATALOG[:-2] + b"/X " + b"<< /A " * 100_000 + b">>" * 100_001, PAGES, FONT, page(), stream(TEXT)],
        [CATALOG, PAGES.replace(b"/Count 1", b"/Count 2000000000"), FONT, page(), stream(TEXT)],
        [CATALOG, PAGES, FONT, page(), packed(TEXT + b" 1 1 50 50 re f" * 100_000)],
    ],
    ids=["a huge page", "brackets without end", "nested objects", "a lie about its pages", "100,000 boxes"],
)
def test_odd_files_are_read_within_bounds(objects: Objects, write: Callable[[Objects], Path]) -> None:
    assert "visible words" in read_paper(write(objects)).markdown()


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ([CATALOG, PAGES.replace(b"[4 0 R]", b"[]").replace(b"Count 1", b"Count 0"), FONT], "no pages|damaged"),
        ([CATALOG, PAGES, FONT, page(b"0 0"), stream(b"")], "no text"),
    ],
    ids=["no pages", "an empty page"],
)
def test_files_that_hold_nothing_are_refused(objects: Objects, message: str, write: Callable[[Objects], Path]) -> None:
    with pytest.raises(DocumentError, match=message):
        read_paper(write(objects))


def test_a_broken_table_of_objects_is_mended_or_refused(write: Callable[[Objects], Path]) -> None:
    path = write([CATALOG, PAGES, FONT, page(), stream(TEXT)])
    path.write_bytes(path.read_bytes().replace(b"0000000", b"9999999"))
    assert "visible words" in read_paper(path).markdown()
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(DocumentError, match="damaged or cut short"):
        read_paper(path)


BOMBS = {
    "a stream packed twice": lambda: packed(b"\0" * 1_000_000_000, 2),
    "graphics states without end": lambda: packed(b"q " * 300_000_000),
    "words without end": lambda: packed(b"BT /F 10 Tf 72 700 Td " + b"(words words) Tj " * 2_000_000 + b"ET"),
}


@pytest.mark.long
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_its_own_process_alone(name: str, write: Callable[[Objects], Path]) -> None:
    """The first one is unpacked within the process's memory by newer versions of PDFium, and holds nothing."""
    started = time.monotonic()
    with pytest.raises(DocumentError, match=r"memory|no text on its pages"):
        read_paper(write([CATALOG, PAGES, FONT, page(), BOMBS[name]()]))
    assert time.monotonic() - started < pdf.SECONDS


def test_a_pdf_that_takes_too_long_is_given_up(
    write: Callable[[Objects], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "_seconds", lambda: 0.01)
    with pytest.raises(DocumentError, match="takes more than"):
        read_paper(write([CATALOG, PAGES, FONT, page(), stream(TEXT)]))


def test_the_process_that_reads_has_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert "OPENAI_API_KEY" not in pdf.environment()


def scan(write: Callable[[Objects], Path], hidden: bytes = b"") -> Path:
    content = b"q 612 0 0 792 0 0 cm /I Do Q " + hidden
    resources = b"/XObject << /I 6 0 R >>"
    return write([CATALOG, PAGES, FONT, page(resources=resources), stream(content), image(8, 8, b"\xff" * 64)])


@pytest.mark.skipif(find_spec("rapidocr") is not None, reason="OCR is installed")
def test_a_scan_without_ocr_says_what_to_install(write: Callable[[Objects], Path]) -> None:
    with pytest.raises(DocumentError, match=r"Page 1 is an image, without text.*pip install rapidocr"):
        read_paper(scan(write))


def test_the_words_that_ocr_left_behind_a_scan_are_read(write: Callable[[Objects], Path]) -> None:
    paper = read_paper(scan(write, TEXT.replace(b"BT", b"BT 3 Tr")))
    assert "visible words" in paper.markdown()
    assert any("OCR" in warning for warning in paper.warnings)


def test_words_without_ink_on_bare_paper_are_left_out(write: Callable[[Objects], Path]) -> None:
    hidden = TEXT.replace(b"BT", b"BT 3 Tr").replace(b"visible words", b"SECRET words").replace(b"700", b"500")
    paper = read_paper(write([CATALOG, PAGES, FONT, page(), stream(TEXT + b" " + hidden)]))
    assert "SECRET" not in paper.markdown()
    assert any("no reader can see" in warning for warning in paper.warnings)


@pytest.mark.skipif(find_spec("rapidocr") is None, reason="needs the extra ocr")
def test_a_scan_is_read_by_ocr(make_pdf: MakePdf, write: Callable[[Objects], Path]) -> None:
    import pypdfium2

    lines = ["1 Introduction", *["We train the small model with a learning rate of 0.001." for _ in range(6)]]
    printed = make_pdf([(line, 72, 720 - 20 * n, 14, "F") for n, line in enumerate(lines)])
    bitmap = pypdfium2.PdfDocument(printed)[0].render(scale=2, grayscale=True)
    pixels = bitmap.to_numpy().tobytes()
    content = stream(b"q 612 0 0 792 0 0 cm /I Do Q")
    resources = b"/XObject << /I 6 0 R >>"
    paper = read_paper(
        write([CATALOG, PAGES, FONT, page(resources=resources), content, image(bitmap.width, bitmap.height, pixels)])
    )
    assert "learning rate of 0.001" in paper.markdown()
    assert any("read by OCR" in warning for warning in paper.warnings)
