"""`papercoder runs`: the runs in the home folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import amounts, terminal
from papercoder.cli.command import Command
from papercoder.cli.home import ask_home, home_option
from papercoder.cli.options import json_option

if TYPE_CHECKING:
    from papercoder.runs import Home, RunRecord
    from state.ledger import Totals

    Row = tuple[RunRecord, Totals]

EXAMPLES = """
papercoder runs
papercoder runs --json | jq -r '.[].id'
"""
STYLES = {"finished": "green", "failed": "red", "stopped": "yellow", "running": "cyan"}


@click.command("runs", cls=Command, examples=EXAMPLES)
@json_option("Write a JSON list.")
@home_option
def command(as_json: bool, home: Path) -> None:
    """List the runs in the home folder, newest first."""
    rows = ask_home(home, _rows)
    if as_json:
        import json

        click.echo(json.dumps([as_dict(*row) for row in rows], indent=2))
    elif rows:
        _print(rows)
    else:
        click.echo(f"No runs in {home} yet. Start one with: papercoder run PAPER, or try: papercoder demo")


def as_dict(record: "RunRecord", totals: "Totals") -> dict[str, Any]:
    """A run for `--json`."""
    return {**record.model_dump(mode="json"), "totals": totals.model_dump(mode="json")}


async def _rows(opened: "Home") -> "list[Row]":
    from state.ledger import Totals

    return [(record, Totals.of(await opened.ledger(record.id))) for record in await opened.runs()]


def _print(rows: "list[Row]") -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), expand=False, pad_edge=False)
    table.add_column("Run", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    table.add_column("Stage", no_wrap=True)
    table.add_column("Paper", no_wrap=True, overflow="ellipsis", max_width=60, min_width=10)
    for name in ("Calls", "Tokens", "Cost", "Age"):
        table.add_column(name, justify="right", no_wrap=True)
    for record, totals in rows:
        status = Text(record.status, STYLES[record.status])
        table.add_row(record.id, status, record.stage, title(record), *_figures(record, totals))
    terminal.console().print(table)


def title(record: "RunRecord") -> str:
    """The paper's title, or its file's name as long as nobody has read it."""
    return terminal.one_line(record.title or Path(record.source).name)


def _figures(record: "RunRecord", totals: "Totals") -> tuple[str, str, str, str]:
    used = amounts.tokens(totals.usage.input + totals.usage.output)
    cost = amounts.dollars(totals.dollars) + ("+" if totals.unpriced else "")
    known = totals.dollars or not totals.unpriced
    return str(totals.calls), used, cost if known else "unknown", amounts.age(record.created)
