"""Rows of cells as a Markdown table."""

import re

FORMULA = re.compile(r"\$[^$]*\$")
BAR = re.compile(r"(\\?)\|(?=([a-zA-Z])?)")
MAX_COLUMNS = 100
MAX_ROWS = 2000


def markdown_table(rows: list[list[str]]) -> str:
    """Rows as a Markdown table, the first as its head; empty rows and trailing empty columns are dropped."""
    kept = [[_cell(cell) for cell in row[:MAX_COLUMNS]] for row in rows[:MAX_ROWS]]
    kept = [row for row in kept if any(row)]
    if not kept:
        return ""
    width = max(len(row) - _empty_at_end(row) for row in kept)
    lines = [_line(row[:width] + [""] * (width - len(row))) for row in kept]
    lines.insert(1, "|" + "---|" * width)
    return "\n".join(lines)


def barless(text: str) -> str:
    """A cell's text with the bars of its formulas named: as they are they would end the cell."""
    return FORMULA.sub(lambda formula: BAR.sub(_named, formula.group()), text)


def _named(bar: re.Match[str]) -> str:
    return ("\\Vert" if bar.group(1) else "\\vert") + " " * bool(bar.group(2))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\|", "|").replace("|", "\\|")


def _empty_at_end(row: list[str]) -> int:
    filled = [index for index, cell in enumerate(row) if cell]
    return len(row) - 1 - filled[-1] if filled else len(row)


def _line(row: list[str]) -> str:
    return "| " + " | ".join(row) + " |"
