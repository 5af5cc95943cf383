"""Displayed formulas: their rows, and which of them carry a number."""

import re
from dataclasses import dataclass

from papercoder.documents.latex_flatten import unmarked
from papercoder.documents.latex_scan import split_top

ROW_END = re.compile(r"\\\\\*?(?:[ \t]*\[[^\]\n]{0,20}\])?")
LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
TAG = re.compile(r"\\tag\*?\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
NO_NUMBER = re.compile(r"\\(?:nonumber|notag)(?![a-zA-Z])")
NOISE = re.compile(
    r"\\[vh]space\*?\s*\{[^{}]*\}|\\(?:displaystyle|allowdisplaybreaks|hfill|centering|small|footnotesize|xspace)(?![a-zA-Z])"
)
ENSURED = re.compile(r"\\ensuremath(?![a-zA-Z])")
MULTI_ROW = {"align", "gather", "eqnarray", "flalign", "alignat", "xalignat", "xxalignat"}
SINGLE_ROW = {"equation", "multline", "displaymath", "dmath", "IEEEeqnarray"}
WITH_ARGUMENT = {"alignat", "xalignat", "xxalignat", "IEEEeqnarray"}
MATH_ENVIRONMENTS = {name + star for name in MULTI_ROW | SINGLE_ROW for star in ("", "*")}


@dataclass(frozen=True)
class Row:
    """One numbered piece of a display; `tag` replaces its number."""

    text: str
    numbered: bool
    tag: str
    labels: tuple[str, ...]


def rows(name: str, body: str) -> list[Row]:
    """The rows of a display; those without a number of their own join the next one that has one."""
    base, starred = name.rstrip("*"), name.endswith("*") or name in ("displaymath", "[", "$$")
    pieces = split_top(unmarked(body), ROW_END) if base in MULTI_ROW else [unmarked(body)]
    found: list[Row] = []
    waiting: list[str] = []
    for piece in pieces:
        row = _row(piece, starred)
        waiting.append(row.text)
        if row.numbered or row.labels:
            found.append(Row(aligned(waiting), row.numbered, row.tag, row.labels))
            waiting = []
    if any(waiting):
        last = found.pop() if found else Row("", False, "", ())
        found.append(Row(aligned([last.text, *waiting]), last.numbered, last.tag, last.labels))
    return found


def normalised(text: str) -> str:
    """A formula on one line, without what only moves it about the page."""
    text = NOISE.sub("", ENSURED.sub("", LABEL.sub("", unmarked(text))))
    return " ".join(text.split())


def _row(piece: str, starred: bool) -> Row:
    tag = TAG.search(piece)
    numbered = bool(tag) or (not starred and not NO_NUMBER.search(piece))
    labels = tuple(LABEL.findall(piece))
    text = normalised(NO_NUMBER.sub("", TAG.sub("", piece)))
    return Row(text, numbered, " ".join(tag.group(1).split()).strip("$") if tag else "", labels)


def aligned(texts: list[str]) -> str:
    """Several lines as one formula."""
    kept = [text for text in texts if text]
    if len(kept) > 1:
        return "\\begin{aligned} " + " \\\\ ".join(kept) + " \\end{aligned}"
    return kept[0] if kept else ""
