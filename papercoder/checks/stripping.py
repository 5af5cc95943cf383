"""Code without what its comments say: whoever judges code by what it does must not be told what it claims to do.

Line numbers are those of the source, so that a line which is named in the one is found in the other.
"""

import re
from collections.abc import Callable, Collection

from papercoder.checks.citations import GROUP, ID
from papercoder.checks.remarks import Remark, remarks

_NUMBER = r"\(?(?:\d+(?:\.\d+)*[a-z]?|[A-Z](?:\.\d+)*)\b\)?"
_LABEL = (
    r"(?:§+|\b(?i:eqs?|eqns?|equations?|tables?|tab|algs?|algorithms?|app|appendix|appendices|secs?|sections?|figs?"
    rf"|figures?)\b\.?)[ \t]*{_NUMBER}(?:[ \t]*(?:,|and|&|[-–—])[ \t]*\(?\d+(?:\.\d+)*\)?)*"
)
_LEFTOVER = re.compile(r"[(\[][ \t]*(?:see|cf\.?|from|in)?[ \t,;:]*[)\]]|(?<=\#)[ \t]*[,;:.]+(?=[ \t]|$)")


def without_comments(source: str) -> str:
    """The code alone: comments and docstrings are blank, every other character stands where it stood."""
    return _rewritten(source, _blank)


def without_citations(source: str, ids: Collection[str] = ()) -> str:
    """The source whose comments and docstrings name neither requirements nor passages of the paper.

    Bracketed ids go, labels (`§3.2`, `Eq. 4`, `Table 1`), and, where they stand alone, the given `ids`.
    """
    bare = [re.escape(id) for id in sorted(ids, key=len, reverse=True) if re.search(r"\d", id)]
    named = rf"|(?<![\w.])(?:{'|'.join(bare)})(?!\w)" if bare else ""
    citation = re.compile(rf"(?<!\\)(?:{_LABEL}{named})")

    def uncited(text: str, remark: Remark) -> str:
        rest = GROUP.sub(lambda found: "" if _is_citation(found, ids) else found[0], text)
        rest = "\n".join(citation.sub("", line) for line in rest.split("\n"))
        return text if rest == text else _LEFTOVER.sub("", rest)

    return _rewritten(source, uncited)


def _is_citation(found: re.Match[str], ids: Collection[str]) -> bool:
    parts = [part.strip() for part in re.split(r"[,;]", found[1])]
    return found.string[: found.start()][-1:] != "\\" and all(part in ids or ID.fullmatch(part) for part in parts)


def _rewritten(source: str, change: Callable[[str, Remark], str]) -> str:
    """The source with every remark changed."""
    pieces, at = [], 0
    for remark in remarks(source):
        pieces += [source[at : remark.start], change(source[remark.start : remark.end], remark)]
        at = remark.end
    return "".join([*pieces, source[at:]])


def _blank(text: str, remark: Remark) -> str:
    """Nothing, over as many lines; an empty string where a statement is needed."""
    breaks = "\n" * text.count("\n")
    if not remark.needed:
        return breaks
    return f'"""{breaks}"""' if breaks else '""'
