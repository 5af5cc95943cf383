"""`papercoder resume`: go on where a run stopped."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import approval, options
from papercoder.cli.command import Command
from papercoder.cli.home import database_option, home_option
from state.errors import InputError

if TYPE_CHECKING:
    from papercoder.runs import Home, RunRecord
    from papercoder.server.runs import Remote
    from state.events import Event

EXAMPLES = """
papercoder resume
papercoder resume attention-3f2a --budget 5
papercoder resume attention-3f2a --until architecture
papercoder resume 01a204a2-01c4-77af-b439-9e50a847d9a8 --server http://127.0.0.1:2024
papercoder resume attention-3f2a --words "one file for all losses"
papercoder resume attention-3f2a --edit architecture.json
papercoder resume attention-3f2a --afresh
"""


@click.command("resume", cls=Command, examples=EXAMPLES)
@click.argument("run", default="")
@options.model_options(environment=False)
@options.endpoint_options(resumed=True)
@options.review_options(resumed=True)
@click.option("--accept", is_flag=True, help="Where it waits for your approval: accept what you were shown.")
@click.option("--words", metavar="TEXT", help="Where it waits for your approval: say what shall be different.")
@click.option(
    "--edit",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Where it waits for your approval: go on with this artifact, YAML or JSON; - reads it from stdin.",
)
@options.going_options()
@click.option(
    "--afresh",
    is_flag=True,
    help="Begin the run's graph anew, where its checkpoint is damaged; answers are found in the journal.",
)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="With --server: where the repository goes. Default: in the working folder, named as the run began.",
)  # fmt: skip
@home_option
@database_option
@options.server_option
def command(
    run: str, accept: bool, words: str | None, edit: Path | None, afresh: bool, as_json: bool, output: Path | None,
    home: Path, database: str, server: str | None, **given: Any,
) -> None:  # fmt: skip
    """Go on where RUN stopped; without RUN, the newest run that stopped or failed.

    RUN is a run's id or a unique beginning of it.  Settings stay what they were, unless an option changes them.
    What was answered before is not asked, nor paid for, again.

    A run that waits for an approval asks for it, if somebody can be asked; else give --accept, --words or --edit.

    With --server, RUN is a thread's id: one that is at work is followed, one that is finished is fetched.
    """
    answer = approval.given(accept, words, edit)
    going = options.going(given)
    options.refuse_local(server, given, "record")
    if output and not server:
        raise click.UsageError("--output is for --server: a run on this machine keeps its own.")
    if server and not run:
        raise click.UsageError("With --server, name the thread: papercoder run told its id.")

    from papercoder.cli.follow import follow

    if server:
        there = {"until": given["until"], "force": given["force"], "output": output}

        async def go_on(opened: "Remote") -> "AsyncIterator[Event]":
            changes = options.changes_of(given, None)
            return opened.resume(run, changes=changes or None, answer=answer, **there)

        follow(home, "", go_on, as_json=as_json, server=server, **there)
        return

    async def begin(opened: "Home") -> "AsyncIterator[Event]":
        record = await (opened.run(run) if run else newest_unfinished(opened))
        if not afresh:
            check_unfinished(record, going)
        changes = options.changes_of(given, record.context.budget)
        return opened.resume(record.id, changes=changes or None, answer=answer, afresh=afresh, **going)

    follow(home, database, begin, as_json=as_json, until=given["until"])


async def newest_unfinished(opened: "Home") -> "RunRecord":
    """The run that `resume` means if none is named."""
    for record in await opened.runs():
        if record.status in ("waiting", "stopped", "failed"):  # one that is running belongs to another process
            return record
    raise InputError("There is nothing to resume: no run is unfinished.", "Start one with: papercoder run PAPER")


def check_unfinished(record: "RunRecord", going: dict[str, Any]) -> None:
    """A finished run is gone through again only where that makes a difference."""
    if record.status == "finished" and not (going["force"] or going["only_drifted"]):
        raise InputError(
            f"There is nothing to resume: run {record.id} is finished; what came of it is in {record.output}.",
            "Start a new run with: papercoder run PAPER, or write the repository again with --force.",
        )
