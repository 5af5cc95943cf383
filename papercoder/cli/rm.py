"""`papercoder rm`: forget a run."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercoder.cli import amounts, terminal
from papercoder.cli.command import Command
from papercoder.cli.home import ask_home, database_option, home_option
from papercoder.cli.runs import title
from state.errors import Interrupted

if TYPE_CHECKING:
    from papercoder.runs import Home, RunRecord

EXAMPLES = """
papercoder rm attention-3f2a
papercoder rm attention-3f2a --yes
"""


@click.command("rm", cls=Command, examples=EXAMPLES)
@click.argument("run")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@home_option
@database_option
def command(run: str, yes: bool, home: Path, database: str) -> None:
    """Forget RUN: its answers, checkpoints and figures.  Its output folder stays."""

    async def find(opened: "Home") -> "RunRecord":
        return await opened.run(run)

    record = ask_home(home, database, find)
    if not yes:
        _ask(record)

    async def remove(opened: "Home") -> int:
        return await opened.remove(record.id)

    freed = ask_home(home, database, remove)
    click.echo(f"Forgot run {record.id}; {amounts.size(freed)} freed. The output folder stays: {record.output}")


def _ask(record: "RunRecord") -> None:
    if not terminal.is_interactive():
        raise click.UsageError("There is no terminal to ask in: add --yes to remove the run.")
    if not click.confirm(f"Forget run {record.id} ({record.status}, {title(record)})?"):
        raise Interrupted("Nothing was removed.")
