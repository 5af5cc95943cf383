"""What a page draws beside its text: rules, and the areas and images that lie under or over the text."""

import ctypes
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_OBJECTS = 50_000
MAX_AREAS = 2_000
THIN = 2.0
SHORTEST = 3.0
SAME_LINE = 0.6
JOINT = 2.0
OPAQUE = 250
BAND = 20.0
RECTANGLE = range(4, 7)
WHITE = (255, 255, 255)
UNLIKE = 16
"""Colours that differ by less in every channel cannot be told apart."""

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Rule:
    """A horizontal line."""

    x0: float
    x1: float
    y: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0


@dataclass(frozen=True)
class Area:
    """A filled rectangle, or an image (no colour); `order` is its turn in being drawn."""

    x0: float
    y0: float
    x1: float
    y1: float
    order: int
    colour: Colour | None

    def holds(self, x: float, y: float) -> bool:
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1


@dataclass
class Graphics:
    """A page's drawing, in the coordinates of its glyphs."""

    rules: list[Rule] = field(default_factory=list)
    order: dict[int, int] = field(default_factory=dict)
    pictured: float = 0.0
    """The area of the largest image."""
    _areas: int = 0
    _bands: dict[int, list[Area]] = field(default_factory=lambda: defaultdict(list))

    def add(self, area: Area) -> None:
        self._areas += 1
        if self._areas <= MAX_AREAS:
            for band in range(int(area.y0 // BAND), int(area.y1 // BAND) + 1):
                self._bands[band].append(area)

    def hides(self, x: float, y: float, text: int, colour: Colour | None) -> bool:
        """Whether text drawn by an object at a point cannot be seen: it is covered, or of its background's colour."""
        if not self._areas:
            return is_pale(colour)
        background: Colour | None = WHITE
        turn = self.order.get(text)
        for area in self._bands.get(int(y // BAND), ()):
            if area.holds(x, y):
                if turn is not None and area.order > turn:
                    return True
                background = area.colour
        return background is not None and is_pale(colour, background)

    def is_over_image(self, x: float, y: float) -> bool:
        """Whether a point lies on an image, as the words that OCR puts behind a scan do."""
        return any(area.colour is None and area.holds(x, y) for area in self._bands.get(int(y // BAND), ()))


def graphics(page: Any, left: float, bottom: float, height: float) -> Graphics:
    """The drawing of an open page, whose lower left corner is at (`left`, `bottom`)."""
    import pypdfium2.raw as pdfium

    made = Graphics()
    for turn in range(min(pdfium.FPDFPage_CountObjects(page.raw), MAX_OBJECTS)):
        handle = pdfium.FPDFPage_GetObject(page.raw, turn)
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            made.order[address(handle)] = turn
        elif kind in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE):
            x0, y0, x1, y1 = _bounds(handle)
            box = (x0 - left, max(y0 - bottom, 0.0), x1 - left, min(y1 - bottom, height))
            if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                made.add(Area(*box, turn, None))
                made.pictured = max(made.pictured, (box[2] - box[0]) * (box[3] - box[1]))
            else:
                _path(made, handle, box, turn)
    made.rules = _merged(made.rules)
    return made


def _merged(rules: list[Rule]) -> list[Rule]:
    """Rules drawn in pieces, cell by cell, as one."""
    merged: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (-round(rule.y), rule.x0)):
        last = merged[-1] if merged else None
        if last and abs(last.y - rule.y) < SAME_LINE and rule.x0 < last.x1 + JOINT:
            merged[-1] = Rule(last.x0, max(last.x1, rule.x1), last.y)
        else:
            merged.append(rule)
    return merged


def is_pale(colour: Colour | None, background: Colour = WHITE) -> bool:
    """Whether a colour cannot be told from what is behind it."""
    return colour is not None and all(abs(one - other) < UNLIKE for one, other in zip(colour, background, strict=True))


def address(handle: Any) -> int:
    """What tells one object of a page from another."""
    return ctypes.cast(handle, ctypes.c_void_p).value or 0


def colour_of(handle: Any) -> Iterator[int]:
    """Red, green, blue and opacity of an object's filling; nothing if it has none."""
    import pypdfium2.raw as pdfium

    channels = [ctypes.c_uint() for _ in range(4)]
    if pdfium.FPDFPageObj_GetFillColor(handle, *map(ctypes.byref, channels)):
        yield from (channel.value for channel in channels)


def _path(made: Graphics, handle: Any, box: tuple[float, float, float, float], turn: int) -> None:
    import pypdfium2.raw as pdfium

    x0, y0, x1, y1 = box
    if y1 - y0 <= THIN:
        if x1 - x0 >= SHORTEST:
            made.rules.append(Rule(x0, x1, (y0 + y1) / 2))
        return
    filling, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(handle, filling, stroked)
    if not filling.value or x1 - x0 <= THIN or pdfium.FPDFPath_CountSegments(handle) not in RECTANGLE:
        return
    red, green, blue, opacity = tuple(colour_of(handle)) or (0, 0, 0, 0)
    if opacity >= OPAQUE:
        made.add(Area(x0, y0, x1, y1, turn, (red, green, blue)))


def _bounds(handle: Any) -> tuple[float, ...]:
    import pypdfium2.raw as pdfium

    values = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(handle, *map(ctypes.byref, values)):
        return 0.0, 0.0, 0.0, 0.0
    return tuple(value.value for value in values)
