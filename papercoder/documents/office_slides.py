"""Slides as their readers find all of their text: PowerPoint folds away what stands beside a formula."""

import re
import shutil
import zipfile
from pathlib import Path

from lxml import etree

from papercoder.documents.archive import check_members, read_member

SLIDE = re.compile(r"ppt/slides/[^/]+\.xml")
COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
FORMULA = "{http://schemas.microsoft.com/office/drawing/2010/main}m"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def unfold(slides: Path, target: Path) -> None:
    """Copy a .pptx, with the text that stands in alternatives in its place, and formulas as text in one line."""
    with zipfile.ZipFile(slides) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        check_members(slides, old.infolist())
        for member in old.infolist():
            if SLIDE.fullmatch(member.filename):
                new.writestr(member.filename, _unfolded(read_member(slides, old, member)))
            elif not member.is_dir():
                with old.open(member) as source, new.open(member.filename, "w") as copy:
                    shutil.copyfileobj(source, copy)


def _unfolded(slide: bytes) -> bytes:
    if b"AlternateContent" not in slide:
        return slide
    root = etree.fromstring(slide, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    for alternatives in list(root.iter(f"{COMPATIBILITY}AlternateContent")):
        parent, choice = alternatives.getparent(), alternatives.find(f"{COMPATIBILITY}Choice")
        if parent is not None and choice is not None:
            at = parent.index(alternatives)
            parent[at : at + 1] = list(choice)
    for formula in list(root.iter(FORMULA)):
        run = etree.Element(f"{DRAWING}r")
        etree.SubElement(run, f"{DRAWING}t").text = _linear(formula)
        formula.getparent().replace(formula, run)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def _linear(element: etree._Element) -> str:
    """A formula in one line: ``w_i``, ``x^2``, ``(a)/(b)``, ``√(x)``."""
    parts = {name: _children(child) for name in ("e", "num", "den", "sub", "sup")
             if (child := element.find(f"{MATH}{name}")) is not None}  # fmt: skip
    scripts = "".join(
        f"{mark}{_grouped(parts[name])}" for mark, name in (("_", "sub"), ("^", "sup")) if parts.get(name)
    )
    kind = element.tag.removeprefix(MATH) if isinstance(element.tag, str) else ""
    if kind == "t":
        return (element.text or "").replace("\u200b", "")
    if kind == "f":
        return f"({parts.get('num', '')})/({parts.get('den', '')})"
    if kind == "rad":
        return f"√({parts.get('e', '')})"
    if kind == "nary":
        return f"{_property(element, 'nary', 'chr', '∫')}{scripts} {parts.get('e', '')}"
    if kind == "d":
        return f"{_property(element, 'd', 'begChr', '(')}{parts.get('e', '')}{_property(element, 'd', 'endChr', ')')}"
    return parts.get("e", "") + scripts if scripts else _children(element)


def _children(element: etree._Element) -> str:
    return "".join(map(_linear, element))


def _grouped(script: str) -> str:
    return script if len(script) < 2 else f"{{{script}}}"


def _property(element: etree._Element, kind: str, name: str, usual: str) -> str:
    found = element.find(f"{MATH}{kind}Pr/{MATH}{name}")
    return usual if found is None else found.get(f"{MATH}val", usual)
