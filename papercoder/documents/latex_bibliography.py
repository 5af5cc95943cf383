"""The entries of a ``thebibliography`` environment, in the text or in a ``.bbl`` file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from papercoder.documents.latex_inline import Citation
from papercoder.documents.latex_scan import Tex

ITEM = re.compile(r"\\bibitem(?![a-zA-Z])")
BODY = re.compile(r"\\begin\s*\{thebibliography\}\s*(?:\{[^{}]*\})?")
BIBLATEX = re.compile(r"\\entry\s*\{([^{}]*)\}")
BIBLATEX_FIELD = re.compile(r"\\(?:field|strng)\s*\{(title|year|journaltitle|booktitle|eprint)\}")
BIBLATEX_NAME = re.compile(r"\bfamily=")
YEAR = re.compile(r"\(.*", re.DOTALL)
NATEXLAB = re.compile(r"\\natexlab\s*\{([^{}]*)\}")


@dataclass(frozen=True)
class Entry:
    key: str
    authors: str
    text: str


def entries(source: str) -> list[Entry]:
    """Every entry, in printed order."""
    begin = BODY.search(source)
    if begin:
        stop, _ = Tex(source).environment(begin.start())
        return list(_bibitems(Tex(source[begin.end() : stop])))
    return list(_biblatex(Tex(source)))


def citations(found: list[Entry], authors: dict[str, str]) -> dict[str, Citation]:
    """Where each key stands in the bibliography."""
    return {entry.key: Citation(number, authors.get(entry.key, "")) for number, entry in enumerate(found, start=1)}


def _bibitems(tex: Tex) -> Iterator[Entry]:
    for match, stop in _spans(ITEM, tex.text):
        label, at = tex.option(match.end())
        key, at = tex.group(at)
        text = NATEXLAB.sub(r"\1", tex.text[at:stop])
        yield Entry(key.strip(), YEAR.sub("", label or "").strip(" {}%\n"), text)


def _biblatex(tex: Tex) -> Iterator[Entry]:
    """biblatex's own ``.bbl`` keeps fields, not text."""
    for match, stop in _spans(BIBLATEX, tex.text):
        fields: dict[str, str] = {}
        for found in BIBLATEX_FIELD.finditer(tex.text, match.end(), stop):
            fields.setdefault(found.group(1), tex.group(found.end())[0])
        names = [tex.group(found.end())[0] for found in BIBLATEX_NAME.finditer(tex.text, match.end(), stop)]
        yield Entry(match.group(1), "", ". ".join([", ".join(names[:12]), *fields.values()]))


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[re.Match[str], int]]:
    starts = list(pattern.finditer(text))
    return zip(starts, [match.start() for match in starts[1:]] + [len(text)], strict=False)
