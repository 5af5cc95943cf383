"""What pandoc's OpenDocument reader needs, or leaves out: addresses of formulas, the title, the authors."""

from lxml import etree

from papercoder.documents.office_hidden import STYLE, TEXT

LINK = "{http://www.w3.org/1999/xlink}href"
OBJECT = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}object"
FRONT = {"Title": "title", "Author": "author", "Authors": "author"}


def mend_formulas(root: etree._Element) -> bool:
    """Write the address of every embedded formula as pandoc looks for it; whether any was changed."""
    changed = False
    for element in root.iter(OBJECT):
        address = element.get(LINK, "")
        mended = "./" + address.removeprefix("./").rstrip("/")
        if mended != address:
            element.set(LINK, mended)
            changed = True
    return changed


def front(root: etree._Element) -> dict[str, list[str]]:
    """The paragraphs in the styles of title and authors, by what they are; they are taken out."""
    parents = {
        style.get(f"{STYLE}name"): style.get(f"{STYLE}parent-style-name") for style in root.iter(f"{STYLE}style")
    }
    found: dict[str, list[str]] = {"title": [], "author": []}
    for element in [*root.iter(f"{TEXT}p", f"{TEXT}h")]:
        name = element.get(f"{TEXT}style-name", "")
        kind = FRONT.get(name) or FRONT.get(parents.get(name) or "")
        parent = element.getparent()
        if kind and parent is not None:
            found[kind].append(" ".join("".join(element.itertext()).split()))
            parent.remove(element)
    return found
