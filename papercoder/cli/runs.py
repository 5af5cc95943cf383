"""`papercoder runs`: the runs that are kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import amounts, terminal
from papercoder.cli.command import Command
from papercoder.cli.home import ask_home, database_option, home_option, place
from papercoder.cli.options import json_option

if TYPE_CHECKING:
    from rich.text import Text

    from papercoder.runs import Home, RunRecord
    from state.ledger import Totals

    Row = tuple[RunRecord, Totals]

EXAMPLES = """
papercoder runs
papercoder runs --json | jq -r '.[].id'
"""
STYLES = {"finished": "green", "failed": "red", "stopped": "yellow", "waiting": "yellow", "running": "cyan"}


@click.command("runs", cls=Command, examples=EXAMPLES)
@json_option("Write a JSON list.")
@home_option
@database_option
def command(as_json: bool, home: Path, database: str) -> None:
    """List the runs that are kept, newest first."""
    rows = ask_home(home, database, _rows)
    if as_json:
        import json

        click.echo(json.dumps([as_dict(*row) for row in rows], indent=2))
    elif rows:
        _print(rows)
    else:
        click.echo(
            f"No runs in {place(home, database)} yet. Start one with: papercoder run PAPER, or try: papercoder demo"
        )


def as_dict(record: "RunRecord", totals: "Totals") -> dict[str, Any]:
    """A run for `--json`."""
    return {**record.model_dump(mode="json"), "totals": totals.model_dump(mode="json")}


async def _rows(opened: "Home") -> "list[Row]":
    from state.ledger import Totals

    return [(record, Totals.of(await opened.ledger(record.id))) for record in await opened.runs()]


def _print(rows: "list[Row]") -> None:
    headers = ["Run", "Status", "Stage", "Paper", "Calls", "Tokens", "Cost", "Age"]
    terminal.print_table(headers, [_cells(*row) for row in rows], left=4, flexible=3)


def _cells(record: "RunRecord", totals: "Totals") -> "list[Text]":
    from rich.text import Text

    cost = amounts.dollars(totals.dollars) + ("+" if totals.unpriced else "")
    known = totals.dollars or not totals.unpriced
    return [
        Text(record.id),
        Text(record.status, STYLES[record.status]),
        Text("" if record.status == "finished" else record.stage),
        Text(title(record)),
        Text(f"{totals.calls:,}"),
        Text(amounts.tokens(totals.usage.input + totals.usage.output)),
        Text(cost if known else "unknown"),
        Text(amounts.age(record.created)),
    ]


def title(record: "RunRecord") -> str:
    """The paper's title, or its file's name as long as nobody has read it; before it, what is judged by it."""
    judged = " and ".join(Path(folder).name for folder in record.evaluation.repositories) if record.evaluation else ""
    paper = record.title or Path(record.source).name
    if record.repair:
        mended = Path(record.repair.repository).name
        return terminal.one_line(f"repair of {mended}" + (f" by {paper}" if paper else ""))
    return terminal.one_line(f"{judged} by {paper}" if judged else paper)
