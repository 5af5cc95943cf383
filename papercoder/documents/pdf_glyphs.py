"""The visible characters of a PDF with their fonts and places, page by page."""

import ctypes
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import hypot
from typing import Any

from papercoder.documents.pdf_graphics import Colour, Graphics, Rule, address, graphics
from papercoder.documents.pdf_symbols import extension_sign, is_extension

MAX_PAGES = 2_000
MAX_GLYPHS_A_PAGE = 60_000
MIN_VISIBLE_SIZE = 1.0
AXIS = 0.25
MOSTLY = 4
MOST_OF_PAGE = 0.5
SEEN_THROUGH = 8
INVISIBLE_MODES = {3, 7}
STROKED_MODES = {1, 2, 5, 6}
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
    hidden: bool = False
    turn: int = 0
    """A quarter turn counter-clockwise (1), clockwise (-1), or none."""
    invisible: bool = False
    """Drawn without ink, as the words that OCR puts behind a scan are."""
    colour: Colour | None = None
    source: int = 0


@dataclass(slots=True)
class Glyph:
    """`y` is its baseline; `top` and `bottom` are its ink's."""

    text: str
    x0: float
    x1: float
    y: float
    font: Font
    top: float = 0.0
    bottom: float = 0.0


@dataclass
class Page:
    number: int
    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    hidden: int = 0
    rotated: int = 0
    recognised: int = 0
    """Characters that OCR read."""
    is_scan: bool = False
    """Whether an image takes most of the page."""


def pages(document: Any) -> Iterator[Page]:
    """Every page of an open PDF document."""
    for index in range(min(len(document), MAX_PAGES)):
        page = document[index]
        text_page = page.get_textpage()
        left, bottom, right, top = page.get_cropbox()
        made = Page(index + 1, right - left, top - bottom)
        drawn = graphics(page, left, bottom, made.height)
        yield _Reader(text_page, left, bottom, made, drawn).read()
        text_page.close()
        page.close()


class _Reader:
    """Reads one page; what is the same for a whole text object is asked once."""

    def __init__(self, text_page: Any, left: float, bottom: float, page: Page, drawn: Graphics) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._text_page = text_page
        self._left, self._bottom = left, bottom
        self._page = page
        self._drawn = drawn
        self._turned: list[Glyph] = []
        self._fonts: dict[int, Font] = {}
        self._box = [ctypes.c_double() for _ in range(4)]
        self._origin = [ctypes.c_double() for _ in range(2)]

    def read(self) -> Page:
        count = min(self._pdfium.FPDFText_CountChars(self._text_page.raw), MAX_GLYPHS_A_PAGE)
        for index in range(count):
            code = self._pdfium.FPDFText_GetUnicode(self._text_page.raw, index)
            font = self._font(index)
            if code not in (0, 10, 13) or is_extension(font.name):
                self._glyph(index, code, font)
        self._page.rules = self._drawn.rules
        self._page.is_scan = self._drawn.pictured > MOST_OF_PAGE * self._page.width * self._page.height
        self._page.rotated = sum(glyph.text != " " for glyph in self._turned)
        if self._page.rotated > MOSTLY * len(self._page.glyphs):
            self._turn()
        return self._page

    def _turn(self) -> None:
        """A page that is printed sideways is read as it is held."""
        page = self._page
        across = sum(glyph.font.turn for glyph in self._turned)
        page.glyphs = [_upright(glyph, page, across > 0) for glyph in self._turned]
        page.width, page.height = page.height, page.width
        page.rules, page.rotated = [], 0

    def _glyph(self, index: int, code: int, font: Font) -> None:
        raw = self._text_page.raw
        if not self._pdfium.FPDFText_GetCharBox(raw, index, *map(ctypes.byref, self._box)):
            return
        self._pdfium.FPDFText_GetCharOrigin(raw, index, *map(ctypes.byref, self._origin))
        x0, x1 = self._box[0].value - self._left, self._box[1].value - self._left
        y0, y1 = self._box[2].value - self._bottom, self._box[3].value - self._bottom
        x, y = self._origin[0].value - self._left, self._origin[1].value - self._bottom
        text = _text(code)
        if is_extension(font.name) and (code < 0x20 or self._pdfium.FPDFText_HasUnicodeMapError(raw, index) == 1):
            text = extension_sign(code)
        if not text:
            return
        if is_extension(font.name):  # its signs hang from where they are drawn
            y = (y0 + y1) / 2 - AXIS * font.size
        if font.turn:
            self._turned.append(Glyph(text, x0, x1, y, font, y1, y0))
        elif self._is_hidden(font, (x0 + x1) / 2 if x1 > x0 else x, (y0 + y1) / 2) or not self._on_page(x, y):
            self._page.hidden += not text.isspace()
        else:
            self._page.recognised += font.invisible and not text.isspace()
            self._add(Glyph(text, min(x, x0) if x1 > x0 else x, max(x1, x), y, font, y1, y0))

    def _is_hidden(self, font: Font, x: float, y: float) -> bool:
        if font.hidden:
            return True
        if font.invisible:
            return not self._drawn.is_over_image(x, y)
        return self._drawn.hides(x, y, font.source, font.colour)

    def _add(self, glyph: Glyph) -> None:
        """A ligature comes as letters that all have its box: they stay one glyph."""
        last = self._page.glyphs[-1] if self._page.glyphs else None
        if last and is_extension(glyph.font.name) and last.text == glyph.text and abs(last.x0 - glyph.x0) < 0.1:
            last.top, last.bottom = max(last.top, glyph.top), min(last.bottom, glyph.bottom)
            last.y = (last.top + last.bottom) / 2 - AXIS * last.font.size
            return  # a tall bracket is made of pieces
        if last and last.text[0] == "f" and (last.x0, last.x1, last.y) == (glyph.x0, glyph.x1, glyph.y):
            last.text += glyph.text
        else:
            self._page.glyphs.append(glyph)

    def _on_page(self, x: float, y: float) -> bool:
        return -2 <= x <= self._page.width + 2 and -2 <= y <= self._page.height + 2

    def _font(self, index: int) -> Font:
        handle = self._pdfium.FPDFText_GetTextObject(self._text_page.raw, index)
        key = address(handle)
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
        turned = abs(matrix.b) > abs(matrix.a)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(handle) if handle else 0
        colour, opacity = self._colour(index)
        return Font(
            name=name,
            size=round(size, 1),
            bold=bold,
            math=any(mark in name for mark in MATH_NAMES),
            hidden=size < MIN_VISIBLE_SIZE or opacity < SEEN_THROUGH,
            turn=(1 if matrix.b > 0 else -1) if turned else 0,
            invisible=mode in INVISIBLE_MODES,
            colour=colour if mode not in STROKED_MODES else None,
            source=address(handle),
        )

    def _colour(self, index: int) -> tuple[Colour | None, int]:
        channels = [ctypes.c_uint() for _ in range(4)]
        known = self._pdfium.FPDFText_GetFillColor(self._text_page.raw, index, *map(ctypes.byref, channels))
        red, green, blue, opacity = (channel.value for channel in channels)
        return ((red, green, blue), opacity) if known else (None, 255)

    def _font_name(self, index: int) -> str:
        buffer = ctypes.create_string_buffer(128)
        length = self._pdfium.FPDFText_GetFontInfo(self._text_page.raw, index, buffer, 128, ctypes.c_int())
        name = buffer.value.decode("utf-8", "replace").lower() if length <= 128 else ""
        return name.partition("+")[2] or name


def _upright(glyph: Glyph, page: Page, up: bool) -> Glyph:
    """A sideways glyph as it stands when the page is turned; its ink tells where it begins and ends."""
    if up:
        return Glyph(glyph.text, glyph.bottom, glyph.top, page.width - glyph.x1, glyph.font)
    return Glyph(glyph.text, page.height - glyph.top, page.height - glyph.bottom, glyph.x0, glyph.font)


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
