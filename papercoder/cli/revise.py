"""`papercoder revise`: what shall be different in a finished repository."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import options
from papercoder.cli.command import Command
from papercoder.cli.home import database_option, home_option

if TYPE_CHECKING:
    from papercoder.runs import Home
    from papercoder.server.runs import Remote
    from state.events import Event

EXAMPLES = """
papercoder revise attention-3f2a "use label smoothing in the validation loss, too"
papercoder revise attention-3f2a "evaluation/bleu.py: tokenise as the paper's footnote 4 says"
papercoder revise attention-3f2a "add an ablation without positional encodings" --budget 5
papercoder revise attention-3f2a - < review.txt
papercoder revise attention-3f2a "a warm-up of 1000 steps" --output ../shorter-warm-up
papercoder revise 01a204a2-01c4-77af-b439-9e50a847d9a8 "a warm-up of 1000 steps" --server http://127.0.0.1:2024
"""


@click.command("revise", cls=Command, examples=EXAMPLES)
@click.argument("run")
@click.argument("remark")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Write the revised repository here, with its history. Default: where the run's repository is.",
)  # fmt: skip
@options.model_options(environment=False)
@options.endpoint_options(resumed=True)
@options.review_options(resumed=True)
@options.some_of(options.going_options(), *options.BUDGET, "record", "only_drifted", "force", "as_json")
@home_option
@database_option
@options.server_option
def command(
    run: str, remark: str, output: Path | None, as_json: bool, home: Path, database: str, server: str | None,
    **given: Any,
) -> None:  # fmt: skip
    """Change the finished repository of RUN as REMARK says; - reads the remark from stdin.

    The remark is turned into changes of requirements, plan, architecture, logic, configuration or files. Only what
    they concern is asked again and written again; everything else stays as it is, to the letter. What contradicts the
    paper is done at your word, and told in REPRODUCTION_NOTES.md. A remark that nothing can be done about is answered,
    and nothing is changed (exit code 3).

    The repository gains one commit. Where you have changed it since, nothing is written: give --output for another
    folder, or --force to write over it. Budgets count what the run has spent from its beginning. A revision that was
    stopped goes on with papercoder resume; approvals are not asked for.

    With --server, RUN is a thread's id; the repository here is the one that was fetched of it, or becomes one.
    """
    options.refuse_local(server, given, "record")
    if remark == "-":
        remark = sys.stdin.read()
    given |= {"approve": None, "until": None}
    going = {name: value for name, value in options.going(given).items() if name != "until"}

    from papercoder.cli.follow import follow

    if server:

        async def send(opened: "Remote") -> "AsyncIterator[Event]":
            changes = options.changes_of(given, None)
            return opened.revise(run, remark, output=output, changes=changes, force=given["force"])

        follow(home, "", send, as_json=as_json, server=server)
        return

    async def begin(opened: "Home") -> "AsyncIterator[Event]":
        record = await opened.run(run)
        changes = options.changes_of(given, record.context.budget)
        return opened.revise(record.id, remark, output=output, changes=changes, **going)

    follow(home, database, begin, as_json=as_json)
