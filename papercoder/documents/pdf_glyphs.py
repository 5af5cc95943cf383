"""The visible characters of a PDF with their fonts and places, page by page."""

import ctypes
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import hypot
from typing import Any

MAX_PAGES = 2_000
MAX_GLYPHS_A_PAGE = 60_000
MIN_VISIBLE_SIZE = 1.0
WHITE = 250
INVISIBLE_MODES = {3, 7}
BOLD_WEIGHT = 600
BOLD_NAMES = ("bold", "medi", "cmbx", "sfbx", "black", "heavy", "-b", "lmroman10-b", "demi")
MATH_NAMES = ("cmmi", "cmsy", "cmex", "msbm", "msam", "math", "symbol", "cmmib", "stix", "rsfs", "eufm", "bbm", "dsrom")
HYPHENS = {0x02, 0xAD, 0xFFFE}
KEPT_AS_THEY_ARE = "ªº²³¹…"


@dataclass(frozen=True)
class Font:
    """How a run of characters is printed."""

    name: str
    size: float
    bold: bool
    math: bool
    hidden: bool
    rotated: bool


@dataclass(slots=True)
class Glyph:
    text: str
    x0: float
    x1: float
    y: float
    font: Font


@dataclass
class Page:
    number: int
    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    hidden: int = 0
    rotated: int = 0


def pages(document: Any) -> Iterator[Page]:
    """Every page of an open PDF document."""
    for index in range(min(len(document), MAX_PAGES)):
        page = document[index]
        text_page = page.get_textpage()
        left, bottom, right, top = page.get_mediabox()
        yield _Reader(text_page, left, bottom, Page(index + 1, right - left, top - bottom)).read()
        text_page.close()
        page.close()


class _Reader:
    """Reads one page; what is the same for a whole text object is asked once."""

    def __init__(self, text_page: Any, left: float, bottom: float, page: Page) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._text_page = text_page
        self._left, self._bottom = left, bottom
        self._page = page
        self._fonts: dict[int, Font] = {}
        self._box = [ctypes.c_double() for _ in range(4)]
        self._origin = [ctypes.c_double() for _ in range(2)]

    def read(self) -> Page:
        count = min(self._pdfium.FPDFText_CountChars(self._text_page.raw), MAX_GLYPHS_A_PAGE)
        for index in range(count):
            code = self._pdfium.FPDFText_GetUnicode(self._text_page.raw, index)
            if code not in (0, 10, 13):
                self._glyph(index, code)
        return self._page

    def _glyph(self, index: int, code: int) -> None:
        font = self._font(index)
        raw = self._text_page.raw
        if not self._pdfium.FPDFText_GetCharBox(raw, index, *map(ctypes.byref, self._box)):
            return
        self._pdfium.FPDFText_GetCharOrigin(raw, index, *map(ctypes.byref, self._origin))
        x0, x1 = self._box[0].value - self._left, self._box[1].value - self._left
        x, y = self._origin[0].value - self._left, self._origin[1].value - self._bottom
        text = _text(code)
        if not text:
            return
        if font.rotated:
            self._page.rotated += not text.isspace()
        elif font.hidden or not self._on_page(x, y):
            self._page.hidden += not text.isspace()
        else:
            self._add(Glyph(text, min(x, x0) if x1 > x0 else x, max(x1, x), y, font))

    def _add(self, glyph: Glyph) -> None:
        """A ligature comes as letters that all have its box: they stay one glyph."""
        last = self._page.glyphs[-1] if self._page.glyphs else None
        if last and last.text[0] == "f" and (last.x0, last.x1, last.y) == (glyph.x0, glyph.x1, glyph.y):
            last.text += glyph.text
        else:
            self._page.glyphs.append(glyph)

    def _on_page(self, x: float, y: float) -> bool:
        return -2 <= x <= self._page.width + 2 and -2 <= y <= self._page.height + 2

    def _font(self, index: int) -> Font:
        handle = self._pdfium.FPDFText_GetTextObject(self._text_page.raw, index)
        key = ctypes.cast(handle, ctypes.c_void_p).value or 0
        if not key:
            return self._read_font(index, handle)
        if key not in self._fonts:
            self._fonts[key] = self._read_font(index, handle)
        return self._fonts[key]

    def _read_font(self, index: int, handle: Any) -> Font:
        pdfium, raw = self._pdfium, self._text_page.raw
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFText_GetMatrix(raw, index, matrix)
        size = pdfium.FPDFText_GetFontSize(raw, index) * (hypot(matrix.c, matrix.d) or 1.0)
        name = self._font_name(index)
        bold = any(mark in name for mark in BOLD_NAMES) or pdfium.FPDFText_GetFontWeight(raw, index) >= BOLD_WEIGHT
        rotated = abs(matrix.b) > abs(matrix.a)
        hidden = size < MIN_VISIBLE_SIZE or self._is_invisible(index, handle)
        return Font(name, round(size, 1), bold, any(mark in name for mark in MATH_NAMES), hidden, rotated)

    def _font_name(self, index: int) -> str:
        buffer = ctypes.create_string_buffer(128)
        length = self._pdfium.FPDFText_GetFontInfo(self._text_page.raw, index, buffer, 128, ctypes.c_int())
        name = buffer.value.decode("utf-8", "replace").lower() if length <= 128 else ""
        return name.partition("+")[2] or name

    def _is_invisible(self, index: int, handle: Any) -> bool:
        pdfium, raw = self._pdfium, self._text_page.raw
        if handle and pdfium.FPDFTextObj_GetTextRenderMode(handle) in INVISIBLE_MODES:
            return True
        channels = [ctypes.c_uint() for _ in range(4)]
        known = pdfium.FPDFText_GetFillColor(raw, index, *map(ctypes.byref, channels))
        red, green, blue, alpha = (channel.value for channel in channels)
        return bool(known) and (alpha == 0 or min(red, green, blue) >= WHITE)


def _text(code: int) -> str:
    """A character; ligatures and other presentation forms become plain letters."""
    if code in HYPHENS:
        return "-"
    character = chr(code)
    if character in KEPT_AS_THEY_ARE or unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn"):
        return character if character in KEPT_AS_THEY_ARE else ""
    if code < 0x80 or unicodedata.category(character) == "Mn":
        return character
    plain = unicodedata.normalize("NFKC", character)
    return " " if plain.isspace() else plain.strip() or plain
