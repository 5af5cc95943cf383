"""Text that Word and OpenDocument files hold and do not show."""

import re
from collections.abc import Iterator

from lxml import etree

from papercoder.documents.html_tree import remove
from papercoder.documents.invisible import is_white

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
OFF = ("false", "0", "off", "none")
SMALLEST_HALF_POINTS = 3
SMALLEST_POINTS = 1.5


def without_hidden(root: etree._Element) -> list[str]:
    """Take hidden runs and spans out of a part; their texts, neighbours joined."""
    texts: list[str] = []
    previous = None
    for element in [*_hidden_runs(root), *_hidden_spans(root)]:
        text = "".join(element.itertext())
        if texts and element.getprevious() is previous and previous is not None:
            texts[-1] += text
        elif text.strip():
            texts.append(text)
        previous = element.getprevious()
        remove(element)
    return texts


def _hidden_runs(root: etree._Element) -> Iterator[etree._Element]:
    """Word's runs with `w:vanish`, in white on no colour, or too small to see."""
    for run in [*root.iter(f"{WORD}r")]:
        properties = run.find(f"{WORD}rPr")
        if properties is None:
            continue
        if _is_on(properties, "vanish") or (_is_unseen(properties) and not _in_coloured_table(run)):
            yield run


def _is_on(properties: etree._Element, name: str) -> bool:
    found = properties.find(f"{WORD}{name}")
    return found is not None and found.get(f"{WORD}val", "true") not in OFF


def _is_unseen(properties: etree._Element) -> bool:
    color, size = properties.find(f"{WORD}color"), properties.find(f"{WORD}sz")
    shaded = any(properties.find(f"{WORD}{name}") is not None for name in ("shd", "highlight"))
    white = color is not None and is_white(color.get(f"{WORD}val", "")) and not shaded
    half_points = size.get(f"{WORD}val", "") if size is not None else ""
    return white or (half_points.isdecimal() and int(half_points) <= SMALLEST_HALF_POINTS)


def _in_coloured_table(run: etree._Element) -> bool:
    """White is how the head of a dark table is written."""
    for cell in run.iterancestors(f"{WORD}tc"):
        table = next(cell.iterancestors(f"{WORD}tbl"))
        return next(cell.iter(f"{WORD}shd"), None) is not None or next(table.iter(f"{WORD}tblStyle"), None) is not None
    return False


def _hidden_spans(root: etree._Element) -> Iterator[etree._Element]:
    """OpenDocument's spans and paragraphs whose style hides them, and its hidden text fields."""
    hidden = {style.get(f"{STYLE}name") for style in root.iter(f"{STYLE}style") if _hides(style)}
    for element in [*root.iter(f"{TEXT}span", f"{TEXT}p", f"{TEXT}hidden-text", f"{TEXT}hidden-paragraph")]:
        in_table = next(element.iterancestors(f"{TABLE}table-cell"), None) is not None
        if element.tag.startswith(f"{TEXT}hidden") or (element.get(f"{TEXT}style-name") in hidden and not in_table):
            yield element


def _hides(style: etree._Element) -> bool:
    for properties in style.iter(f"{STYLE}text-properties"):
        size = re.match(r"([\d.]+)pt$", properties.get(f"{FO}font-size", ""))
        white = is_white(properties.get(f"{FO}color", "").lstrip("#"))
        if properties.get(f"{TEXT}display") == "none" or (white and not properties.get(f"{FO}background-color")):
            return True
        if size and float(size.group(1)) <= SMALLEST_POINTS:
            return True
    return False
