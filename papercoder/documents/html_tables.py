"""HTML tables as Markdown tables."""

from collections.abc import Callable

from lxml import etree

from papercoder.documents.tables import MAX_COLUMNS, MAX_ROWS, barless, markdown_table

Convert = Callable[[etree._Element], str]


def table_markdown(table: etree._Element, convert: Convert) -> str:
    """A table element as Markdown; a cell over several rows stands in the first of them."""
    return markdown_table(rows(table, convert))


def rows(table: etree._Element, convert: Convert) -> list[list[str]]:
    """The cells' texts, row by row; what a cell spans further is empty."""
    found: list[list[str]] = []
    pending: dict[int, int] = {}  # column → rows that a cell from above still covers
    for row in own_rows(table)[:MAX_ROWS]:
        line: list[str] = []
        for cell in row:
            if cell.tag in ("td", "th"):
                _skip_covered(line, pending)
                _place(line, pending, cell, barless(convert(cell)))
        _skip_covered(line, pending)
        found.append(line)
    return found


def own_rows(table: etree._Element) -> list[etree._Element]:
    """The rows of a table without those of tables in its cells."""
    found = []
    for child in table:
        if child.tag == "tr":
            found.append(child)
        elif child.tag in ("thead", "tbody", "tfoot"):
            found += [row for row in child if row.tag == "tr"]
    return found


def _skip_covered(line: list[str], pending: dict[int, int]) -> None:
    while pending.get(len(line), 0) > 0:
        pending[len(line)] -= 1
        line.append("")


def _place(line: list[str], pending: dict[int, int], cell: etree._Element, text: str) -> None:
    below = _span(cell.get("rowspan"), MAX_ROWS) - 1
    for position in range(_span(cell.get("colspan"), MAX_COLUMNS)):
        if below:
            pending[len(line)] = below
        line.append("" if position else text)


def _span(value: str | None, most: int) -> int:
    return min(int(value), most) if value and value.isascii() and value.isdigit() and int(value) else 1
