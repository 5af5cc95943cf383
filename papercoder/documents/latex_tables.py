"""LaTeX's tabular environments as Markdown tables."""

import re
from collections.abc import Callable, Iterator

from papercoder.documents.latex_scan import Tex, split_top
from papercoder.documents.tables import MAX_COLUMNS, barless, markdown_table

ARGUMENTS = {"tabular": 1, "tabular*": 2, "tabularx": 2, "tabulary": 2, "longtable": 1, "tabu": 1, "tblr": 1}
ARGUMENTS |= {"longtblr": 1, "NiceTabular": 1, "supertabular": 1, "xltabular": 2}
TABULAR = re.compile(r"\\begin\s*\{(" + "|".join(re.escape(name) for name in ARGUMENTS) + r")\}")
ROW_END = re.compile(
    r"\\\\\*?(?:[ \t]*\[[^\]\n]{0,20}\])?|\\tabularnewline|\\(?:end(?:first)?(?:head|foot|lastfoot))(?![a-z])"
)
CELL_END = re.compile(r"(?<!\\)&")
RULES = re.compile(
    r"\\(?:toprule|midrule|bottomrule|hline|addlinespace|hdashline|heavyrule|thickhline|endhead)(?![a-zA-Z])"
    r"(?:\s*\[[^\]]*\]|\s*\([^)]*\))?"
    r"|\\(?:cmidrule|cline|hhline|cdashline|rowcolor|arrayrulecolor|noalign|SetRow|SetCell|rowfont|Xhline|Xcline)(?![a-zA-Z])"
    r"(?:\s*\[[^\]]*\]|\s*\([^)]*\))*\s*(?:\{(?:[^{}]|\{[^{}]*\})*\})?(?:\s*\([^)]*\))?"
    r"|\\specialrule\s*\{[^{}]*\}\s*\{[^{}]*\}\s*\{[^{}]*\}"
)
SPAN = re.compile(r"\\multicolumn(?![a-zA-Z])")


def tables(source: str, convert: Callable[[str], str]) -> str:
    """Every tabular in a piece of LaTeX, one below the other."""
    return "\n\n".join(filter(None, (markdown_table(rows) for rows in _tabulars(source, convert))))


def _tabulars(source: str, convert: Callable[[str], str]) -> Iterator[list[list[str]]]:
    tex, at = Tex(source), 0
    while match := TABULAR.search(source, at):
        stop, at = tex.environment(match.start())
        yield _rows(tex, match, stop, convert)


def _rows(tex: Tex, match: re.Match[str], stop: int, convert: Callable[[str], str]) -> list[list[str]]:
    start = match.end()
    _, start = tex.option(start)
    for _ in range(ARGUMENTS[match.group(1)]):
        _, start = tex.group(start)
        _, start = tex.option(start)
    body = RULES.sub(" ", tex.text[start:stop])
    rows = [split_top(row, CELL_END) for row in split_top(body, ROW_END)]
    return [[text for cell in row for text in _cells(cell, convert)] for row in rows]


def _cells(cell: str, convert: Callable[[str], str]) -> list[str]:
    """A cell's text, and empty cells for the further columns it spans."""
    match = SPAN.search(cell)
    if not match:
        return [barless(convert(cell))]
    tex = Tex(cell)
    count, at = tex.argument(match.end())
    _, at = tex.argument(at)
    text = barless(convert(cell[: match.start()] + " " + cell[at:]))
    width = int(count) if count.strip().isdecimal() else 1
    return [text] + [""] * (min(max(width, 1), MAX_COLUMNS) - 1)
