"""MathML without its LaTeX, as LaTeX."""

from collections.abc import Callable

from lxml import etree

OPERATORS = {
    "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∈": r"\in", "∉": r"\notin", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq",
    "≈": r"\approx", "∼": r"\sim", "→": r"\to", "←": r"\leftarrow", "⇒": r"\Rightarrow", "↦": r"\mapsto",
    "×": r"\times", "⋅": r"\cdot", "·": r"\cdot", "±": r"\pm", "∞": r"\infty", "∂": r"\partial", "∇": r"\nabla",
    "∀": r"\forall", "∃": r"\exists", "∪": r"\cup", "∩": r"\cap", "⊂": r"\subset", "⊆": r"\subseteq", "∣": "|",
    "∥": r"\|", "‖": r"\|", "⟨": r"\langle", "⟩": r"\rangle", "…": r"\ldots", "⋯": r"\cdots", "−": "-", "∗": "*",
    "⊙": r"\odot", "⊗": r"\otimes", "⊕": r"\oplus", "∝": r"\propto", "≡": r"\equiv", "≔": ":=", "⊤": r"\top",
    "{": r"\{", "}": r"\}", "\u2061": "", "\u2062": "", "\u2063": "", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$",
}  # fmt: skip
GREEK_NAMES = """
alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi chi psi
omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega epsilon phi ell
"""
GREEK = {
    letter: f"\\{name}"
    for letter, name in zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩϵϕℓ", GREEK_NAMES.split(), strict=True)
}
SYMBOLS = OPERATORS | GREEK
ACCENTS = {
    "^": "hat", "ˆ": "hat", "~": "tilde", "˜": "tilde", "¯": "bar", "‾": "bar", "→": "vec", "˙": "dot", "¨": "ddot",
    "⏞": "overbrace", "―": "bar",
}  # fmt: skip
FUNCTIONS = {"exp", "log", "ln", "max", "min", "arg", "sin", "cos", "tan", "tanh", "lim", "sup", "inf", "det", "Pr"}
FONTS = {"double-struck": "mathbb", "bold": "mathbf", "script": "mathcal", "fraktur": "mathfrak", "normal": "mathrm",
         "bold-italic": "boldsymbol", "sans-serif": "mathsf", "monospace": "mathtt"}  # fmt: skip


def latex(element: etree._Element) -> str:
    """A formula's LaTeX, as far as its MathML tells."""
    return " ".join(_node(element).split())


def local(element: etree._Element) -> str:
    """The tag without its namespace: ``m:mi`` and ``{…}mi`` are ``mi``."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def _node(element: etree._Element) -> str:
    handler = HANDLERS.get(local(element))
    return handler(element) if handler else _row(element)


def _row(element: etree._Element) -> str:
    return " ".join(filter(None, (_node(child) for child in element))) or _symbols(element)


def _symbols(element: etree._Element) -> str:
    text = "".join(element.itertext()).strip()
    return " ".join(SYMBOLS.get(part, part) for part in text) if any(c in SYMBOLS for c in text) else text


def _identifier(element: etree._Element) -> str:
    text = "".join(element.itertext()).strip()
    if text in FUNCTIONS:
        return f"\\{text}"
    font = FONTS.get(element.get("mathvariant", ""))
    if len(text) > 1 and text.isalpha() and text.isascii():
        return f"\\{font or 'mathrm'}{{{text}}}"
    return f"\\{font}{{{_symbols(element)}}}" if font and font != "mathrm" else _symbols(element)


def _words(element: etree._Element) -> str:
    text = " ".join("".join(element.itertext()).split())
    return f"\\text{{ {text} }}" if text else ""


def _filled(*form: str | int) -> Callable[[etree._Element], str]:
    """A handler that puts the children in the places of their numbers."""

    def handler(element: etree._Element) -> str:
        parts = [_node(child) for child in element]
        return "".join(piece if isinstance(piece, str) else "".join(parts[piece : piece + 1]) for piece in form)

    return handler


def _over(element: etree._Element) -> str:
    base, over = [_node(child) for child in element][:2] if len(element) > 1 else (_row(element), "")
    mark = "".join(element[1].itertext()).strip() if len(element) > 1 else ""
    return f"\\{ACCENTS[mark]}{{{base}}}" if mark in ACCENTS else f"\\overset{{{over}}}{{{base}}}" if over else base


def _table(element: etree._Element) -> str:
    rows = [" & ".join(_row(cell) for cell in row) for row in element if local(row) in ("mtr", "mlabeledtr")]
    return "\\begin{matrix} " + " \\\\ ".join(rows) + " \\end{matrix}"


def _fenced(element: etree._Element) -> str:
    inner = ", ".join(_node(child) for child in element)
    return f"{element.get('open', '(')} {inner} {element.get('close', ')')}"


def _semantics(element: etree._Element) -> str:
    return _node(element[0]) if len(element) else ""


def _nothing(element: etree._Element) -> str:
    return ""


HANDLERS: dict[str, Callable[[etree._Element], str]] = {
    "mi": _identifier,
    "mn": _symbols,
    "mo": _symbols,
    "mtext": _words,
    "ms": _words,
    "semantics": _semantics,
    "mfrac": _filled("\\frac{", 0, "}{", 1, "}"),
    "msup": _filled("{", 0, "}^{", 1, "}"),
    "msub": _filled("{", 0, "}_{", 1, "}"),
    "msubsup": _filled("{", 0, "}_{", 1, "}^{", 2, "}"),
    "munder": _filled("{", 0, "}_{", 1, "}"),
    "munderover": _filled("{", 0, "}_{", 1, "}^{", 2, "}"),
    "mover": _over,
    "mroot": _filled("\\sqrt[", 1, "]{", 0, "}"),
    "msqrt": lambda element: f"\\sqrt{{{_row(element)}}}",
    "mtable": _table,
    "mfenced": _fenced,
    **dict.fromkeys(("annotation", "annotation-xml", "mphantom", "mspace", "none"), _nothing),
}
