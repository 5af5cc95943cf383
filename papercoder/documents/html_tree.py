"""An HTML page as a tree, without what a reader does not see."""

import re
from collections.abc import Iterator

from lxml import etree

from papercoder.documents.errors import DocumentError
from papercoder.documents.plain import decode

DEEPEST = 150
CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?\s*([\w-]+)", re.IGNORECASE)
NOT_TEXT_NAMES = """
script style template noscript iframe object embed applet svg canvas audio video map nav form button select input
textarea dialog link meta head title
"""
NOT_TEXT = frozenset(NOT_TEXT_NAMES.split())
CHROME = {"nav", "navigation", "banner", "contentinfo", "search", "complementary"}
INVISIBLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0+\s*(?:;|!|$)"
    r"|font-size\s*:\s*0*\.?0*[01]?(?:px|pt|em|rem|%)?\s*(?:;|!|$)|(?:left|top|text-indent)\s*:\s*-\d{3,}"
    r"|(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*;[^{}]*overflow\s*:\s*hidden"
    r"|transform\s*:[^;]*(?:scale[xy]?\(\s*0*\.?0*\s*[,)]|translate[xy]?\([^)]*-\d{4,})|clip-path\s*:\s*inset\(\s*(?:50|100)%|color\s*:\s*transparent)",
    re.IGNORECASE,
)
WHITE = re.compile(
    r"(?:^|;)\s*color\s*:\s*(?:white|snow|ivory|ghostwhite|floralwhite|mintcream|whitesmoke|#fff|#(?:f[2-9a-f]){3}"
    r"|rgba?\(\s*(?:2(?:4[3-9]|5[0-5])[\s,]+){2}2(?:4[3-9]|5[0-5])[^)]*\)|hsla?\([^)]{1,40}[\s,](?:9[5-9]|100)%[^)]*\))"
    r"\s*(?:;|!|$)",
    re.IGNORECASE,
)
BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*(?!white|#fff|none|transparent|inherit|initial)", re.IGNORECASE)
RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,2000})\}")
SIMPLE = re.compile(r"([.#])([\w-]+)")


def parse(data: bytes, where: str) -> etree._Element:
    """The page's root element.  DocumentError if there is none, or if it is nested beyond measure."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(_text(data).encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        raise DocumentError(f"{where}: not readable as HTML ({error}). Save the page again.") from error
    if root is None:
        raise DocumentError(f"{where}: the page holds nothing. Save it again.")
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise DocumentError(f"{where}: elements are nested thousands deep, as no page is. Give another format.")
    _flatten(root)
    return root


def prune(root: etree._Element) -> list[str]:
    """Take out scripts, navigation and what is hidden; the hidden texts."""
    hidden = _hidden_names(root)
    texts = []
    gone: set[etree._Element] = set()
    for element in [*root.iter(etree.Element)]:
        if element in gone:
            continue  # it went with what it is in
        unseen = _is_hidden(element, hidden)
        if unseen or element.tag in NOT_TEXT or element.get("role") in CHROME:
            texts += [" ".join("".join(element.itertext()).split())] if unseen and element.tag not in NOT_TEXT else []
            gone.update(element.iterdescendants())
            remove(element)
    return [text for text in texts if text]


def classes(element: etree._Element) -> set[str]:
    return set((element.get("class") or "").split())


def _text(data: bytes) -> str:
    declared = CHARSET.search(data[:4000])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return data.decode(declared.group(1).decode("ascii")).replace("\0", "")
        except (LookupError, UnicodeDecodeError):
            pass  # declared wrongly: the bytes decide
    return decode(data)


def _flatten(root: etree._Element) -> None:
    """Below a depth that no page needs, markup goes and text stays."""
    level = [root]
    for _ in range(DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return
    for element in level:
        text = "".join(element.itertext())
        for child in list(element):
            element.remove(child)
        element.text = text


def _hidden_names(root: etree._Element) -> set[str]:
    """``.class`` and ``#id`` of simple rules that hide what they match."""
    sheets = "".join(style.text or "" for style in root.iter("style"))
    return {
        selector.strip()
        for match in RULE.finditer(sheets)
        if hides(match.group(2), sheet=True)
        for selector in match.group(1).split(",")
        if SIMPLE.fullmatch(selector.strip())
    }


def _is_hidden(element: etree._Element, hidden: set[str]) -> bool:
    style = element.get("style", "")
    if element.get("hidden") is not None or (style and hides(style) and not _on_dark(element)):
        return True
    if element.tag == "font" and WHITE.search(f"color:{element.get('color', '')}") and not _on_dark(element):
        return True
    return bool(hidden) and any(name in hidden for name in _names(element))


def _names(element: etree._Element) -> Iterator[str]:
    yield f"#{element.get('id')}"
    for name in classes(element):
        yield f".{name}"


def hides(style: str, *, sheet: bool = False) -> bool:
    """Whether a style makes text invisible.  In a `sheet` white is not taken for a way to do so."""
    if INVISIBLE.search(style):
        return True
    return not sheet and bool(WHITE.search(style)) and not BACKGROUND.search(style)


def _on_dark(element: etree._Element) -> bool:
    """Whether white text stands on something that is not white."""
    if INVISIBLE.search(element.get("style", "")):
        return False
    around = (element, *element.iterancestors())
    return any(BACKGROUND.search(one.get("style", "")) or one.get("bgcolor") for one in around)


def remove(element: etree._Element) -> None:
    """Without the text that follows it going too."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)
