"""Title and authors of a LaTeX paper."""

import re
from collections.abc import Callable, Iterator

from papercoder.documents.latex_scan import Tex
from papercoder.documents.names import is_name

TITLE = re.compile(r"\\(?:icmltitle|title)(?![a-zA-Z])")
AUTHOR = re.compile(r"\\(?:author|icmlauthor)(?![a-zA-Z])")
BETWEEN = re.compile(r"\\(?:And|AND|and|qquad|quad|hfill)(?![a-zA-Z])|\\\\[ \t]*\[[^\]]*\]|,|\n[ \t]*\n")
LINE_END = re.compile(r"\\\\|\\newline")
ASIDE = re.compile(r"\\(?:thanks|footnote|texttt|inst|textsuperscript|email|url|affiliation)(?![a-zA-Z])")
MARKS = re.compile(r"\$[^$]*\$|\\footnotemark(?:\[[^\]]*\])?|\\(?:dagger|ddagger|ast|dag|ddag)(?![a-zA-Z])")
MAX_AUTHORS = 300


def title(text: str) -> str:
    """The title, still in LaTeX."""
    match = TITLE.search(text)
    if not match:
        return ""
    tex = Tex(text)
    return tex.group(tex.option(match.end())[1])[0]


def authors(text: str, convert: Callable[[str], str]) -> tuple[str, ...]:
    """The authors' names, as far as they can be told from affiliations."""
    tex = Tex(text)
    names: dict[str, None] = {}
    for match in AUTHOR.finditer(text):
        content = tex.group(tex.option(match.end())[1])[0]
        for name in _names(content):
            plain = convert(name).strip(" ,*†‡§0123456789~-;")
            if is_name(plain) and len(names) < MAX_AUTHORS:
                names[plain] = None
    return tuple(names)


def _names(content: str) -> Iterator[str]:
    """The first line of each author's entry; the following lines are affiliations."""
    for entry in BETWEEN.split(_without_asides(content)):
        yield LINE_END.split(entry.strip())[0]


def _without_asides(content: str) -> str:
    tex, at = Tex(content), 0
    kept: list[str] = []
    for match in ASIDE.finditer(content):
        if match.start() >= at:
            kept.append(content[at : match.start()])
            at = tex.group(match.end())[1]
    return MARKS.sub("", "".join([*kept, content[at:]]))
