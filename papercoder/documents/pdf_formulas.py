"""Fractions, roots and sums of a PDF written in one line, while their bars and places are still known.

A fraction's bar and a root's are rules of the page; numerator and denominator are drawn one after the other.  What is
found becomes one glyph, ``(a) / (b)`` or ``sqrt(a)``, on the line that the bar stands in.
"""

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from papercoder.documents.pdf_glyphs import Glyph
from papercoder.documents.pdf_graphics import Rule
from papercoder.documents.pdf_lines import linear
from papercoder.documents.pdf_symbols import WITH_LIMITS

LONGEST = 400.0
UNDERSCORE = 1.5, 7.0
MOST_GLYPHS = 160
MOST_BARS = 200
AXIS = 0.25
SLACK = 1.6
REACH = 2.4
SMALL = 0.86
APART = 0.3
LOW = 40.0
SMALLEST = 5.0


def with_formulas(glyphs: list[Glyph], rules: list[Rule]) -> list[Glyph]:
    """A page's glyphs with its fractions, roots and limits in line; inner ones first."""
    glyphs = _with_limits(_with_underscores(glyphs, rules))
    bars = sorted((rule for rule in rules if rule.width <= LONGEST), key=lambda rule: rule.width)
    for bar in bars[:MOST_BARS] if len(bars) <= 4 * MOST_BARS else []:
        glyphs = _root(glyphs, bar) or _fraction(glyphs, bar) or glyphs
    return glyphs


def _with_underscores(glyphs: list[Glyph], rules: list[Rule]) -> list[Glyph]:
    """TeX draws the underscore of a name as a short rule between two letters."""
    short = [rule for rule in rules if UNDERSCORE[0] < rule.width < UNDERSCORE[1]][:MOST_BARS]
    if not short:
        return glyphs
    made: list[Glyph] = []
    for glyph in glyphs:
        last = next((before for before in reversed(made[-2:]) if before.text != " "), None)
        if last and glyph.text != " " and abs(glyph.y - last.y) < 0.1:
            bar = next((bar for bar in short if _is_between(bar, last, glyph)), None)
            if bar:
                del made[made.index(last, -2 if len(made) > 1 else 0) + 1 :]  # a blank that fills the gap
                made.append(Glyph("_", bar.x0, bar.x1, glyph.y, glyph.font, bar.y, bar.y))
        made.append(glyph)
    return made


def _is_between(bar: Rule, left: Glyph, right: Glyph) -> bool:
    low = -0.3 * left.font.size < bar.y - left.y < 0.1 * left.font.size
    return low and left.x1 - 1 < bar.x0 and bar.x1 < right.x0 + 1 and right.x0 - left.x1 < bar.width + 2


def _root(glyphs: list[Glyph], bar: Rule) -> list[Glyph] | None:
    """The glyphs under a bar that begins where a root sign ends; a numerator may come between the two."""
    for index, sign in enumerate(glyphs):
        if sign.text == "√" and abs(sign.x1 - bar.x0) < SLACK and abs(bar.y - sign.top) < SLACK:
            start = _run(glyphs, index + 1, lambda glyph: _in(glyph, bar) and glyph.bottom > bar.y)
            end = _run(glyphs, start, lambda glyph: glyph.x1 < bar.x1 + 1 and bar.y - LOW < glyph.y < bar.y)
            inside = glyphs[start:end]
            if any(glyph.text != " " for glyph in inside):
                made = _made(f"sqrt({_text(inside)})", [sign, *inside], _lowest(inside), sign.x0, bar.x1)
                return [*glyphs[:index], *glyphs[index + 1 : start], made, *glyphs[end:]]
    return None


def _fraction(glyphs: list[Glyph], bar: Rule) -> list[Glyph] | None:
    """What stands over a bar and what stands under it, drawn without anything else in between."""
    for start, first in enumerate(glyphs):
        if first.text == " " or not _is_near(first, bar):
            continue
        end = _run(glyphs, start, lambda glyph: _is_near(glyph, bar))
        over = [glyph for glyph in glyphs[start:end] if glyph.top + glyph.bottom > 2 * bar.y]
        under = [glyph for glyph in glyphs[start:end] if glyph.top + glyph.bottom <= 2 * bar.y]
        if _is_inked(over) and _is_inked(under) and _fits(over, under, bar):
            before = next((glyph for glyph in reversed(glyphs[max(0, start - 3) : start]) if glyph.text != " "), None)
            made = _made(f" {_part(over)} / {_part(under)} ", [*over, *under], _line(bar, over, before), bar.x0, bar.x1)
            return [*glyphs[:start], made, *glyphs[end:]]
    return None


def _is_near(glyph: Glyph, bar: Rule) -> bool:
    return _in(glyph, bar) and abs(glyph.y - bar.y) < REACH * max(glyph.font.size, SMALLEST)


def _is_inked(glyphs: list[Glyph]) -> bool:
    return any(glyph.text != " " for glyph in glyphs)


def _fits(over: list[Glyph], under: list[Glyph], bar: Rule) -> bool:
    """A bar is as long as the longer of its two parts, which stand in its middle, each in one line without gaps."""
    widths = [max(glyph.x1 for glyph in part) - min(glyph.x0 for glyph in part) for part in (over, under)]
    middles = [(max(g.x1 for g in part) + min(g.x0 for g in part)) / 2 for part in (over, under)]
    centred = all(abs(middle - (bar.x0 + bar.x1) / 2) < 2 * SLACK for middle in middles)
    return centred and bar.width - max(widths) < 2 * SLACK and _is_compact(over) and _is_compact(under)


def _is_compact(part: list[Glyph]) -> bool:
    """Neither rows of a table nor its cells."""
    size = max(glyph.font.size for glyph in part)
    inked = sorted((glyph for glyph in part if glyph.text != " "), key=lambda glyph: glyph.x0)
    heights = [glyph.y for glyph in inked]
    ends = itertools.accumulate((glyph.x1 for glyph in inked), max)
    apart = max((glyph.x0 - end for end, glyph in zip(ends, inked[1:], strict=False)), default=0.0)
    return max(heights) - min(heights) < size and apart < size


def _run(glyphs: list[Glyph], start: int, accept: Callable[[Glyph], bool]) -> int:
    """Where the glyphs from `start` on that are accepted end; blanks do not end them."""
    end = at = start
    while at < min(len(glyphs), start + MOST_GLYPHS):
        if glyphs[at].text != " ":
            if not accept(glyphs[at]):
                break
            end = at + 1
        at += 1
    return end


def _in(glyph: Glyph, bar: Rule) -> bool:
    return bar.x0 - SLACK < glyph.x0 and glyph.x1 < bar.x1 + SLACK


def _part(glyphs: list[Glyph]) -> str:
    text = _text(glyphs)
    whole = len(text) == 1 or text.isdigit() or (len(glyphs) == 1 and text.startswith("sqrt("))
    return text if whole else f"({text})"


def _text(glyphs: list[Glyph]) -> str:
    return linear(glyphs)


def _line(bar: Rule, over: list[Glyph], before: Glyph | None) -> float:
    """The baseline that a bar belongs to: the one of the text before it, else where TeX's axis puts it."""
    size = max(glyph.font.size for glyph in over)
    if before and 0 < bar.y - before.y < 0.6 * max(size, before.font.size) and before.x1 < bar.x0 + 2 * size:
        return before.y
    return bar.y - AXIS * size


def _lowest(glyphs: list[Glyph]) -> float:
    """The baseline of glyphs of the largest type."""
    size = max(glyph.font.size for glyph in glyphs)
    return min(glyph.y for glyph in glyphs if glyph.font.size > SMALL * size)


def _made(text: str, parts: list[Glyph], y: float, x0: float, x1: float) -> Glyph:
    font = max((glyph.font for glyph in parts), key=lambda font: font.size)
    top, bottom = max(glyph.top for glyph in parts), min(glyph.bottom for glyph in parts)
    return Glyph(text, x0, x1, y, replace(font, math=True), top, bottom)


def _with_limits(glyphs: list[Glyph]) -> list[Glyph]:
    """Sums with their bounds: those above are drawn before the sign, those below after it."""
    made: list[Glyph] = []
    at = 0
    while at < len(glyphs):
        glyph = glyphs[at]
        at += 1
        if glyph.text not in WITH_LIMITS:
            made.append(glyph)
            continue
        start = len(made)
        while start and _is_bound(made[start - 1], glyph) and _height(made[start - 1], glyph) > 0:
            start -= 1
        above, made = made[start:], made[:start]
        end = _run(glyphs, at, partial(_is_bound, sign=glyph))
        above += [other for other in glyphs[at:end] if _height(other, glyph) > 0]
        below = [other for other in glyphs[at:end] if _height(other, glyph) <= 0]
        text = glyph.text + _bound("_", below) + _bound("^", above)
        parts = [*above, glyph, *glyphs[at:end]]
        made.append(_made(text, parts, glyph.y, min(g.x0 for g in parts), max(g.x1 for g in parts)))
        at = end
    return made


def _is_bound(glyph: Glyph, sign: Glyph) -> bool:
    """Whether a small glyph stands over or under a sign, or a little beside."""
    wide = max(sign.x1 - sign.x0, 4 * sign.font.size)
    middle = (glyph.x0 + glyph.x1) / 2
    near = abs(middle - (sign.x0 + sign.x1) / 2) < wide and abs(_height(glyph, sign)) > APART
    return glyph.font.size < SMALL * sign.font.size and near


def _height(glyph: Glyph, sign: Glyph) -> float:
    """How far above a sign's middle a glyph's middle is, in heights of the sign."""
    return (glyph.top + glyph.bottom - sign.top - sign.bottom) / 2 / max(sign.top - sign.bottom, 1.0)


def _bound(mark: str, glyphs: list[Glyph]) -> str:
    text = _text(glyphs) if any(glyph.text != " " for glyph in glyphs) else ""
    return f"{mark}{{{text}}}" if text else ""
