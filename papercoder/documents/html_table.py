"""The tables that S2ORC keeps as HTML, as Markdown."""

from html.parser import HTMLParser

from papercoder.documents.tables import MAX_COLUMNS, markdown_table


def table_markdown(html: str) -> str:
    """An HTML table as a Markdown table; markup inside its cells is dropped."""
    parser = _TableParser()
    parser.feed(html)
    parser.close()
    return markdown_table(parser.rows)


class _TableParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1] += [""] * _span(dict(attrs).get("colspan"))
            self._cell = len(self.rows[-1]) - _span(dict(attrs).get("colspan"))

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][self._cell] += data


def _span(value: str | None) -> int:
    return min(int(value), MAX_COLUMNS) if value and value.isascii() and value.isdigit() and int(value) else 1
