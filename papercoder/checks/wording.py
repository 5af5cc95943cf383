r"""Texts in a form in which two spellings of the same words are equal.

A quote goes from a PDF or LaTeX source through a reader, a prompt and a model; on the way spaces, hyphens, quotation
marks, ligatures and `\,` come and go.  Letters (but for their case), digits and operators do not.
"""

import re
import unicodedata

_GREEK = {
    chr(code): unicodedata.name(chr(code)).split()[-1].lower().replace("lamda", "lambda")
    for code in (*range(0x391, 0x3A2), *range(0x3A3, 0x3AA), *range(0x3B1, 0x3CA))
}
_SYMBOLS = {
    "×": "times", "·": "cdot", "∙": "cdot", "⋅": "cdot", "≤": "le", "≥": "ge", "≠": "ne", "≈": "approx", "±": "pm",
    "∈": "in", "∑": "sum", "∏": "prod", "∞": "infty", "→": "to", "←": "gets", "∇": "nabla", "∂": "partial",
    "√": "sqrt", "∼": "sim", "⊙": "odot", "∥": "", "‖": "", "−": "-",
}  # fmt: skip
_COMMANDS = {
    "leq": "le", "geq": "ge", "neq": "ne", "rightarrow": "to", "leftarrow": "gets", "varepsilon": "epsilon",
    "varphi": "phi", "vartheta": "theta", "ell": "l", "ldots": "...", "dots": "...", "cdots": "...",
}  # fmt: skip
_STYLE = (
    r"\\(?:math(?:rm|bf|it|cal|bb|sf|tt|frak|scr|sfit)|text(?:rm|bf|it|sf|tt|sc|normal)?|operatorname\*?|boldsymbol|bm"
    r"|emph|left|right|big|Big|displaystyle|q?quad|limits|nolimits|relax)(?![A-Za-z])"
)
_MARKS = str.maketrans(dict.fromkeys("'\"`´‘’‚‛“”„‟«»′″*", ""))
_NAMES = str.maketrans({**_GREEK, **_SYMBOLS})
_RAISED = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ]+")
_LOWERED = re.compile(r"[₀-₉₊₋ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼ]+")
_LETTER = r"[^\W\d_]"

_REPLACED = [
    (re.compile(pattern), new)
    for pattern, new in (
        (r"(?<=\d)(?:\{,\}|\\,|[\u2009\u202f])(?=\d{3}(?!\d))", ","),  # 10\,000
        (r"(?m)^(?=.*\|)[ \t|:-]+$", " "),  # the line below a table's head
        (_STYLE, " "),
        (r"(?<=[^\W_])[{}$]+(?=[^\W_])|\\\\|\\[,;:!> ]|[~|&]", " "),
        (r"[{}$]", ""),
        (r"-{3,}|[—―]", " "),
        (rf"(?<={_LETTER})[-\u2010\u2011–]\s*(?={_LETTER})", ""),
        (r"[-\u2010\u2011\u2012–]+", "-"),
        (r"\\([A-Za-z]+)", lambda found: _COMMANDS.get(found[1], found[1])),
        (r"\\", ""),
        (r"\s+", " "),
        (r" (?!\d)|(?<!\d)(?<!\d[.,]) ", ""),  # a space between two numbers stays
    )
]


def canonical(text: str) -> str:
    """The text without what may change on the way.  Two numbers that stand apart stay apart."""
    text = _RAISED.sub(lambda found: f"^{found[0]}", _LOWERED.sub(lambda found: f"_{found[0]}", text))
    text = unicodedata.normalize("NFKC", text.translate(_MARKS))
    text = "".join(c for c in text if unicodedata.category(c) != "Cf") if not text.isascii() else text
    for pattern, new in _REPLACED:
        text = pattern.sub(new, text)
    return text.translate(_NAMES).casefold()


def plain(text: str) -> str:
    """The text itself, on one line."""
    return " ".join(text.split())


def find(part: str, text: str, start: int = 0) -> int:
    """Where `part` stands in `text`, from `start` on, without cutting a number in two; -1 if nowhere."""
    while (start := text.find(part, start)) >= 0:
        if not _cuts_a_number(text, start, start + len(part)):
            return start
        start += 1
    return -1


_FRACTION = re.compile(r"\.\d")
_WHOLE_AND_FRACTION = re.compile(r"\d\.\d")
_COMMA = r"(?:,|\{,\}|\\,)"
_THOUSANDS = re.compile(r"\d{3}(?!\d)")
_REST = re.compile(rf"\d|\.\d|{_COMMA}\d{{3}}(?!\d)")


def _cuts_a_number(text: str, start: int, end: int) -> bool:
    """Whether the piece begins or ends inside a number: `0.1` in `0.15`, `000` in `10,000`."""
    return _begins_inside(text, start) or _ends_inside(text, end)


def _begins_inside(text: str, start: int) -> bool:
    before = text[max(0, start - 4) : start]
    if not text[start].isdigit():
        return before[-1:].isdigit() and bool(_FRACTION.match(text, start))
    thousands = re.search(rf"\d{_COMMA}$", before) and _THOUSANDS.match(text, start)
    return bool(re.search(r"\d\.?$", before) or thousands)


def _ends_inside(text: str, end: int) -> bool:
    pattern, at = (_REST, end) if text[end - 1].isdigit() else (_WHOLE_AND_FRACTION, max(0, end - 2))
    return bool(pattern.match(text, at))
