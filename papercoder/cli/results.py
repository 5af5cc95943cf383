"""Measured numbers beside the paper's, as a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from papercoder.cli.terminal import one_line

if TYPE_CHECKING:
    from papercoder.results import Comparison

_STYLES = {"reproduced": "green", "off": "red", "no tolerance": "dim", "stand-in": "yellow", "not run": "yellow"}


def table(rows: "Sequence[Comparison]", title: str) -> Table:
    """One row a number: what it is, the paper's value, ours with spread over how many runs, tolerance, verdict."""
    made = Table(title=title, title_justify="left")
    made.add_column("result", overflow="fold")
    for column in ("paper", "measured", "runs", "tolerance"):
        made.add_column(column, justify="right", no_wrap=True)
    made.add_column("verdict", no_wrap=True)
    made.add_column("difference", overflow="fold")
    for row in rows:
        made.add_row(
            one_line(row.expected.id),
            _value(row.expected.value, row.expected.spread),
            "" if row.measured is None else _value(row.measured, row.spread),
            str(row.runs or ""),
            "" if row.expected.tolerance is None else f"±{row.expected.tolerance:g}",
            Text(row.verdict, _STYLES[row.verdict]),
            one_line(row.reason),
        )
    return made


def _value(value: float, spread: float | None) -> str:
    return f"{value:.4g}" if spread is None else f"{value:.4g} ± {spread:.2g}"
