"""Text that LaTeX sets so that nobody sees it: white, transparent, a point high, off the page, or as a phantom."""

import re

from papercoder.documents.invisible import WHITE_SHARE, is_white
from papercoder.documents.latex_flatten import unmarked
from papercoder.documents.latex_scan import Tex

TOKEN = re.compile(
    r"\\textcolor\s*(?:\[(?P<grouped_model>[^\]]*)\])?\s*\{(?P<grouped>[^{}]*)\}\s*(?=\{)"
    r"|\\(?P<phantom>[hv]?phantom)(?![a-zA-Z])\s*(?=\{)"
    r"|\\color\s*(?:\[(?P<model>[^\]]*)\])?\s*\{(?P<color>[^{}]*)\}"
    r"|\\fontsize\s*\{\s*(?P<size>[\d.]+)\s*(?:pt)?\s*\}\s*\{[^{}]*\}\s*\\selectfont(?![a-zA-Z])"
    r"|\\transparent\s*\{\s*(?P<opacity>[\d.]+)\s*\}"
    r"|\\scalebox\s*\{\s*(?P<scale>[\d.]+)\s*\}\s*(?:\[[^\]]{0,100}\]\s*)?(?=\{)"
    r"|\\resizebox\*?\s*\{(?P<width>[^{}]*)\}\s*\{(?P<height>[^{}]*)\}\s*(?=\{)"
    r"|\\raisebox\s*\{(?P<raised>[^{}]*)\}\s*(?:\[[^\]]{0,100}\]\s*){0,2}(?=\{)"
    r"|\\hspace\*?\s*\{(?P<moved>[^{}]*)\}"
    r"|\\.|(?P<open>\{)|(?P<close>\})",
    re.DOTALL,
)
DEFINED = re.compile(
    r"\\definecolor\s*\{([^{}]*)\}\s*\{([^{}]*)\}\s*\{([^{}]*)\}|\\colorlet\s*\{([^{}]*)\}\s*\{([^{}]*)\}"
)
FULL = {"rgb": 1.0, "RGB": 255.0, "gray": 1.0}
MIXED = re.compile(r"white!(\d+)(?:!\w+)?")
GROUND = re.compile(
    r"\\(?:rowcolor|cellcolor|columncolor|colorbox|fcolorbox|hl|rowcolors)(?![a-zA-Z])|\\begin\s*\{tcolorbox"
)
SWITCHED_BACK = re.compile(
    r"\\color\s*(?:\[[^\]]*\])?\s*\{|\\normalcolor(?![a-zA-Z])|\\normalsize(?![a-zA-Z])|\\end\s*\{"
)
WORD = re.compile(r"[a-zA-Z]{2,}")
NEAR = 400
SMALLEST_POINTS = 1.5
SMALLEST_SCALE = 0.15
POINTS = {"pt": 1.0, "bp": 1.0, "cm": 28.45, "mm": 2.845, "in": 72.27, "em": 10.0, "ex": 4.3, "pc": 12.0}
LENGTH = re.compile(r"\s*(-?\d*\.?\d+)\s*(pt|bp|cm|mm|in|em|ex|pc)\s*")
PAGE_POINTS = 860.0
"""More than a page is high: whatever is moved so far is off it."""
PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
FEWEST_PHANTOM_WORDS = 3


def without_hidden(preamble: str, body: str) -> tuple[str, list[str]]:
    """The body without what nobody sees, and that."""
    return _Search(preamble, body).run()


class _Search:
    def __init__(self, preamble: str, body: str) -> None:
        self._whites = _whites(preamble + body)
        self._tex = Tex(body)
        self._kept: list[str] = []
        self._hidden: list[str] = []
        self._opened: list[int] = []
        self._at = 0

    def run(self) -> tuple[str, list[str]]:
        text, at = self._tex.text, 0
        while match := TOKEN.search(text, at):
            at = match.end()
            if match.group("open"):
                self._opened.append(match.start())
            elif match.group("close"):
                del self._opened[-1:]
            elif (end := self._hides_until(match)) is not None:
                at = self._hide(match, end)
        self._kept.append(text[self._at :])
        return "".join(self._kept), [text for text in self._hidden if text]

    def _hides_until(self, match: re.Match[str]) -> int | None:
        """Where the text that this command hides ends; None if it hides none."""
        if match.group("phantom"):
            content, end = self._tex.argument(match.end())
            return end if len(WORD.findall(content)) >= FEWEST_PHANTOM_WORDS else None
        if match.group("grouped") is not None:
            white = self._is_white(match.group("grouped_model"), match.group("grouped"), match.start())
            return self._tex.argument(match.end())[1] if white else None
        if _is_shrunk_or_gone(match):
            return self._tex.argument(match.end())[1]
        if _is_off_page(match.group("moved")):
            return min(self._group_end(match), self._paragraph_end(match))
        return self._group_end(match) if self._switches(match) else None

    def _switches(self, match: re.Match[str]) -> bool:
        if match.group("color") is not None:
            return self._is_white(match.group("model"), match.group("color"), match.start())
        if match.group("size"):
            return _number(match.group("size")) <= SMALLEST_POINTS
        return bool(match.group("opacity")) and _number(match.group("opacity")) == 0

    def _group_end(self, match: re.Match[str]) -> int:
        """The end of the group around a switch, or where it is switched back."""
        close = self._tex.closing.get(self._opened[-1]) if self._opened else None
        back = SWITCHED_BACK.search(self._tex.text, match.end(), close if close is not None else len(self._tex.text))
        return back.start() if back else close if close is not None else len(self._tex.text)

    def _paragraph_end(self, match: re.Match[str]) -> int:
        end = PARAGRAPH_END.search(self._tex.text, match.end())
        return end.start() if end else len(self._tex.text)

    def _is_white(self, model: str | None, color: str, at: int) -> bool:
        """Whether a colour is white, on nothing that is coloured itself."""
        white = _is_white_light(model, color) if model else _is_white_name(color, self._whites)
        return white and not GROUND.search(self._tex.text, max(0, at - NEAR), at)

    def _hide(self, match: re.Match[str], end: int) -> int:
        hidden = self._tex.text[match.end() : end]
        self._hidden.append(" ".join(re.sub(r"\\[a-zA-Z]+|[{}]", " ", unmarked(hidden)).split()))
        self._kept.append(self._tex.text[self._at : match.start()])
        self._at = end
        return end


def _is_shrunk_or_gone(match: re.Match[str]) -> bool:
    """Whether a box is too small to be read, or moved off the page."""
    if match.group("scale"):
        return _number(match.group("scale")) < SMALLEST_SCALE
    sizes = [_points(match.group(side)) for side in ("width", "height")]
    return any(size is not None and 0 <= size <= SMALLEST_POINTS for size in sizes) or _is_off_page(
        match.group("raised")
    )


def _is_off_page(length: str | None) -> bool:
    points = _points(length)
    return points is not None and abs(points) > PAGE_POINTS


def _points(length: str | None) -> float | None:
    found = LENGTH.fullmatch(length or "")
    return float(found.group(1)) * POINTS[found.group(2)] if found else None


def _whites(text: str) -> set[str]:
    """The names of white, the paper's own too."""
    names = {"white"}
    for name, model, value, alias, meant in DEFINED.findall(text):
        if alias and _is_white_name(meant, names):
            names.add(alias.strip().lower())
        elif name and _is_white_light(model.strip(), value):
            names.add(name.strip().lower())
    return names


def _is_white_name(color: str, names: set[str]) -> bool:
    plain = color.replace(" ", "").lower()
    mixed = MIXED.fullmatch(plain)
    return plain in names or bool(mixed and int(mixed.group(1)) >= 100 * WHITE_SHARE)


def _is_white_light(model: str, value: str) -> bool:
    """Whether a colour given in numbers is white, or so light that nobody sees it on paper."""
    plain = value.replace(" ", "")
    if model == "HTML":
        return is_white(plain)
    try:
        parts = [float(part) for part in plain.split(",")]
    except ValueError:
        return False
    if model == "cmyk":
        return all(part <= 1 - WHITE_SHARE for part in parts)
    return model in FULL and all(part >= FULL[model] * WHITE_SHARE for part in parts)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 100.0
