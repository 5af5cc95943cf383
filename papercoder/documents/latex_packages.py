"""The author's own macros in a ``.sty`` beside the paper; packages that lay out the page are not read."""

import re
from collections.abc import Iterator

from papercoder.documents.latex_scan import Tex

DEFINITION = re.compile(
    r"\\(?P<kind>newcommand|renewcommand|providecommand|DeclareRobustCommand|DeclareMathOperator|DeclarePairedDelimiter"
    r"|(?:New|Renew|Provide|Declare)DocumentCommand|newenvironment|renewenvironment|newtheorem|[gex]?def)(?![a-zA-Z@])\*?"
)
ARGUMENTS = {"newenvironment": 3, "renewenvironment": 3, "DeclarePairedDelimiter": 3}
"""Arguments beside options; of `…DocumentCommand` three as well, of all others two."""
PARAMETERS = re.compile(r"\s*\\(?:[a-zA-Z@]+|.)[^{}]{0,40}(?=\{)")
LAYOUT = re.compile(
    r"\\(?:textwidth|textheight|oddsidemargin|@startsection|@maketitle|twocolumn|geometry)(?![a-zA-Z@])"
)
INTERNAL = re.compile(
    r"@|\\(?:[gex]?def|let|global|expandafter|csname|if[a-z]+|hbox|vbox|setbox|[hv]skip|kern|newcommand|renewcommand|item"
    r"|catcode|everypar|par[a-z]+)(?![a-zA-Z@])"
)
OWN_SHARE = 0.5


def own_definitions(package: str) -> str:
    """The definitions of a package that say what the paper's formulas and names mean, a line each.

    A package of the author's is mostly such definitions; the others, which come from elsewhere, reach into LaTeX.
    """
    if LAYOUT.search(package):
        return ""
    found = list(_definitions(Tex(package)))
    plain = [" ".join(text.split()) for kind, text in found if not INTERNAL.search(text, len(kind))]
    return "\n".join(plain) if len(plain) > OWN_SHARE * len(found) else ""


def _definitions(tex: Tex) -> Iterator[tuple[str, str]]:
    r"""Each definition, and the ``\newcommand`` or the like that it begins with."""
    at = 0
    while match := DEFINITION.search(tex.text, at):
        at = _end(tex, match)
        yield match.group(), tex.text[match.start() : at]


def _end(tex: Tex, match: re.Match[str]) -> int:
    kind, at = match.group("kind"), match.end()
    if kind.endswith("def"):
        name = PARAMETERS.match(tex.text, at)
        return tex.group(name.end())[1] if name else at
    wanted = 3 if kind.endswith("DocumentCommand") else ARGUMENTS.get(kind, 2)
    _, at = tex.argument(at)
    for _ in range(wanted - 1):
        for _ in range(2):
            _, at = tex.option(at)
        _, at = tex.argument(at)
    return tex.option(at)[1] if kind == "newtheorem" else at
