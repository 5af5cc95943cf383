"""Accents that are drawn apart from their letters, put back onto them: ``ˆ`` and ``f`` are ``f̂``."""

import unicodedata
from dataclasses import replace

from papercoder.documents.pdf_glyphs import Glyph

MARKS = {
    "ˆ": "\u0302", "^": "\u0302", "˜": "\u0303", "~": "\u0303", "¯": "\u0304", "˙": "\u0307", "¨": "\u0308",
    "´": "\u0301", "`": "\u0300", "ˇ": "\u030c", "˘": "\u0306", "˚": "\u030a",
}  # fmt: skip
COMBINING = frozenset("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030c\u0338\u20d7")
DOTLESS = {"ı": "i", "ȷ": "j"}
OFF_CENTRE = 0.35
CENTRED = 0.08


def with_accents(glyphs: list[Glyph]) -> list[Glyph]:
    """A page's glyphs, each accent joined to the letter that it stands over.

    TeX draws the accent first; an accent that is drawn after its letter stands exactly in the letter's middle.
    """
    made: list[Glyph] = []
    waiting: Glyph | None = None
    for glyph in glyphs:
        if waiting and glyph.text == " ":
            continue
        if waiting and _is_over(waiting, glyph):
            glyph = _joined(glyph, waiting)
        elif waiting:
            made.append(waiting)
        waiting = None
        if _mark(glyph) and len(glyph.text) == 1:
            if made and made[-1].text.isalpha() and _is_over(glyph, made[-1], CENTRED):
                made[-1] = _joined(made[-1], glyph)
            else:
                waiting = glyph
        else:
            made.append(glyph)
    return [*made, waiting] if waiting else made


def _mark(glyph: Glyph) -> str:
    return glyph.text if glyph.text in COMBINING else MARKS.get(glyph.text, "")


def _is_over(accent: Glyph, letter: Glyph, off_centre: float = OFF_CENTRE) -> bool:
    """Whether two glyphs share their middle and a line; not one that carries marks enough already."""
    apart = abs(accent.x0 + accent.x1 - letter.x0 - letter.x1) / 2
    near = abs(accent.y - letter.y) < 0.6 * letter.font.size
    fits = len(letter.text) <= 3 and (letter.text[0].isalpha() or accent.text == "\u0338")
    return apart < off_centre * letter.font.size and near and fits


def _joined(letter: Glyph, accent: Glyph) -> Glyph:
    text = DOTLESS.get(letter.text, letter.text) + _mark(accent)
    top = max(letter.top, accent.top)
    return replace(letter, text=unicodedata.normalize("NFC", text), top=top)
