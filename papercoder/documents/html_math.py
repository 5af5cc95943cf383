"""Formulas of a page, found before anything else: each becomes one ``tex`` element that holds its LaTeX."""

import re
from collections.abc import Iterator

from lxml import etree

from papercoder.documents import mathml
from papercoder.documents.html_tree import classes
from papercoder.documents.latex_math import normalised

WRAP = re.compile(r"%\s*\n\s*")
DELIMITED = re.compile(r"^\s*(?:\\\[|\\\(|\$\$?)(.*?)(?:\\\]|\\\)|\$\$?)\s*$", re.DOTALL)
STYLES = re.compile(r"^\{?\s*\\(?:displaystyle|textstyle|scriptstyle)(?![a-zA-Z])\s*")
TEX_ENCODINGS = {"application/x-tex", "application/x-latex", "tex", "latex", "text/x-tex"}
RENDERED = {"MathJax", "MathJax_Preview", "MathJax_Display", "MathJax_SVG", "MJX_Assistive_MathML", "katex-html"}
FORMULA_IMAGES = {
    "ltx_Math",
    "tex",
    "latex",
    "math",
    "mwe-math-fallback-image-inline",
    "mwe-math-fallback-image-display",
}
WHOLE = {"katex", "mwe-math-element", "mjx-container"}
"""Wrappers around several renderings of one formula, some of them hidden."""


def mark_formulas(root: etree._Element) -> None:
    """Replace every formula of the page by a ``tex`` element; ``display`` is set on those on lines of their own."""
    covered: set[etree._Element] = set()
    for element in [*root.iter(etree.Element)]:
        if element in covered:
            continue  # it went with the formula around it
        found = next((text for text in _candidates(element) if text is not None), None)
        if found is not None:
            covered.update(element.iterdescendants())
            _replace(element, found, _is_display(element))
        elif classes(element) & RENDERED and element.tag != "math":
            element.tag = "script"  # a second rendering: goes with the scripts


def cleaned(source: str) -> str:
    """LaTeX without delimiters, LaTeXML's line wraps and a style at its head."""
    match = DELIMITED.match(source)
    text = WRAP.sub("", match.group(1) if match else source)
    style = STYLES.match(text)
    if style:
        braced = text.lstrip().startswith("{") and text.rstrip().endswith("}")
        text = text[style.end() :].rstrip()
        text = text[:-1] if braced else text
    return normalised(text)


def _candidates(element: etree._Element) -> Iterator[str | None]:
    names, tag = classes(element), str(element.tag)
    if _is_wrapper(element):
        inner = next((one for one in element.iter() if mathml.local(one) == "math"), None)
        yield _math(inner) if inner is not None else None
    if mathml.local(element) == "math":
        yield _math(element)
    if tag == "script" and element.get("type", "").startswith("math/tex"):
        yield cleaned(element.text or "")
    if tag == "span" and "math" in names and names & {"inline", "display"}:
        yield cleaned("".join(element.itertext()))
    if tag == "img" and names & FORMULA_IMAGES and element.get("alt"):
        yield cleaned(element.get("alt", ""))


def _is_wrapper(element: etree._Element) -> bool:
    return element.tag in WHOLE or bool(classes(element) & WHOLE)


def _math(element: etree._Element) -> str:
    if element.get("alttext"):
        return cleaned(element.get("alttext", ""))
    for annotation in element.iter():
        if mathml.local(annotation) == "annotation" and annotation.get("encoding", "").lower() in TEX_ENCODINGS:
            return cleaned("".join(annotation.itertext()))
    return mathml.latex(element)


def _is_display(element: etree._Element) -> bool:
    inner = next((one for one in element.iter() if mathml.local(one) == "math"), element)
    parent = element.getparent()
    names = classes(element) | (classes(parent) if parent is not None else set())
    shown = {"display", "katex-display", "MathJax_Display", "mwe-math-element-block"}
    return (
        inner.get("display") == "block"
        or "mode=display" in element.get("type", "")
        or element.get("display") == "true"
        or bool(names & shown)
    )


def _replace(element: etree._Element, text: str, display: bool) -> None:
    for child in list(element):
        element.remove(child)
    tail = element.tail
    kept = {} if _is_wrapper(element) else {name: element.get(name) for name in ("style", "hidden", "class")}
    element.attrib.clear()
    element.attrib.update({name: value for name, value in kept.items() if value is not None})
    element.tag, element.text, element.tail = "tex", text, tail
    if display:
        element.set("display", "block")
