"""What stands in a float beside its caption: tables, listings, or prose as in a figure of prompts."""

import re
from collections.abc import Callable

from papercoder.documents.latex_math import MATH_ENVIRONMENTS, aligned, rows
from papercoder.documents.latex_scan import Tex
from papercoder.documents.latex_tables import tables

CODE = re.compile(r"\\begin\s*\{(verbatim\*?|Verbatim|lstlisting|minted|alltt)\}(?:\[[^\]]*\])?(?:\{[\w+-]*\})?")
PICTURE = re.compile(r"\\begin\s*\{(?:tikzpicture|pgfpicture|axis|forest|pspicture|picture|overpic)\}")
LAYOUT = re.compile(r"\\begin\s*\{(?:minipage|subfigure|subtable)\}|\\(?:[vh]space|hskip|vskip)\*?")
ARGUMENTS = re.compile(r"\s*(?:\[[^\]]{0,80}\]|\{[^{}]{0,80}\}|-?[\d.]+\s*(?:in|pt|em|ex|cm|mm)\b)")
DISPLAY = re.compile(rf"\\begin\s*\{{({'|'.join(map(re.escape, sorted(MATH_ENVIRONMENTS, reverse=True)))})\}}")
FEWEST_WORDS = 12


def float_text(kind: str, source: str, convert: Callable[[str], str]) -> str:
    """A table's or a figure's text; empty for a figure that is a picture."""
    text = tables(source, convert) or _listings(source)
    if text:
        return text
    text = _without_layout(source)
    words = convert(_with_inline_formulas(text))
    return words if kind == "table" or DISPLAY.search(text) or len(words.split()) >= FEWEST_WORDS else ""


def _listings(source: str) -> str:
    tex = Tex(source)
    bodies = [source[match.end() : tex.environment(match.start())[0]].strip("\n") for match in CODE.finditer(source)]
    return "\n\n".join(f"```\n{body}\n```" for body in bodies if body.strip())


def _with_inline_formulas(text: str) -> str:
    """Displayed formulas between dollars: inside a float they have no lines of their own."""
    tex, kept, at = Tex(text), [], 0
    for match in DISPLAY.finditer(text):
        if match.start() < at:
            continue
        stop, after = tex.environment(match.start())
        formula = aligned([row.text for row in rows(match.group(1), text[match.end() : stop])])
        kept += [text[at : match.start()], f" ${formula}$ "]
        at = after
    return "".join([*kept, text[at:]])


def _without_layout(source: str) -> str:
    """Without pictures, and without the lengths of boxes and spaces."""
    tex, kept, at = Tex(source), [], 0
    for match in PICTURE.finditer(source):
        if match.start() >= at:
            kept.append(source[at : match.start()])
            at = tex.environment(match.start())[1]
    text, at = "".join([*kept, source[at:]]), 0
    kept = []
    for match in LAYOUT.finditer(text):
        kept.append(text[at : match.start()])
        at = match.end()
        while argument := ARGUMENTS.match(text, at):
            at = argument.end()
    return "".join([*kept, text[at:]])
