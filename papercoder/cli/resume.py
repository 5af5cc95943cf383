"""`papercoder resume`: go on where a run stopped."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import options
from papercoder.cli.command import Command
from papercoder.cli.home import home_option
from state.errors import InputError

if TYPE_CHECKING:
    from papercoder.runs import Home, RunRecord
    from state.events import Event

EXAMPLES = """
papercoder resume
papercoder resume attention-3f2a --budget 5
papercoder resume attention-3f2a --until architecture
papercoder resume attention-3f2a --afresh
"""


@click.command("resume", cls=Command, examples=EXAMPLES)
@click.argument("run", default="")
@options.model_options(environment=False)
@options.endpoint_options(resumed=True)
@options.going_options()
@click.option(
    "--afresh",
    is_flag=True,
    help="Begin the run's graph anew, where its checkpoint is damaged; answers are found in the journal.",
)
@home_option
def command(run: str, afresh: bool, as_json: bool, home: Path, **given: Any) -> None:
    """Go on where RUN stopped; without RUN, the newest run that stopped or failed.

    RUN is a run's id or a unique beginning of it.  Settings stay what they were, unless an option changes them.
    What was answered before is not asked, nor paid for, again.
    """
    going = options.going(given)

    from papercoder.cli.follow import follow

    async def begin(opened: "Home") -> "AsyncIterator[Event]":
        record = await (opened.run(run) if run else newest_unfinished(opened))
        if not afresh:
            check_unfinished(record, going)
        changes = options.changes_of(given, record.context.budget)
        return opened.resume(record.id, changes=changes or None, afresh=afresh, **going)

    follow(home, begin, as_json=as_json, until=given["until"])


async def newest_unfinished(opened: "Home") -> "RunRecord":
    """The run that `resume` means if none is named."""
    for record in await opened.runs():
        if record.status in ("stopped", "failed"):  # one that is running belongs to another process
            return record
    raise InputError("There is nothing to resume: no run is unfinished.", "Start one with: papercoder run PAPER")


def check_unfinished(record: "RunRecord", going: dict[str, Any]) -> None:
    """A finished run is gone through again only where that makes a difference."""
    if record.status == "finished" and not (going["force"] or going["only_drifted"]):
        raise InputError(
            f"There is nothing to resume: run {record.id} is finished; its repository is {record.output}.",
            "Start a new run with: papercoder run PAPER, or write the repository again with --force.",
        )
