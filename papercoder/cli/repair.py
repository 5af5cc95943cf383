"""`papercoder repair`: a repository that exists is run in a sandbox, and mended until it runs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import judging, options, terminal
from papercoder.cli.command import Command
from papercoder.cli.errors import PROGRESS
from papercoder.cli.home import database_option, home_option
from papercoder.cli.run import check_source, describe_budget, is_paid
from papercoder.cli.values import Paper
from state.errors import ExecutionError, Interrupted

if TYPE_CHECKING:
    from papercoder.runs import Home
    from state.context import Context
    from state.events import Event

EXAMPLES = """
papercoder repair paper-code
papercoder repair authors-code --paper paper.pdf --budget 2
papercoder repair paper-code --repairs 6 --model openai:gpt-5
"""


@click.command("repair", cls=Command, examples=EXAMPLES)
@click.argument("repository", type=judging.Folder)
@click.option(
    "--paper", type=Paper(addresses=True), metavar="PAPER",
    help="The paper that it implements, in any form that papercoder run takes: only with it can a failing test be "
         "found wrong. Default: what a repository of ours brings along.",
)  # fmt: skip
@click.option(
    "--supplement", "supplements", type=Paper(addresses=True), multiple=True, metavar="PAPER",
    help="Another file of the same paper. May be given several times.",
)  # fmt: skip
@options.some_of(options.review_options(resumed=False), "repairs", "sandbox")
@options.judging_options()
@click.option("-y", "--yes", is_flag=True, help="Do not ask before a paid repair begins.")
@home_option
@database_option
def command(
    repository: Path, paper: Path | str | None, supplements: tuple[Path | str, ...], yes: bool, as_json: bool,
    home: Path, database: str, **given: Any,
) -> None:  # fmt: skip
    """Run REPOSITORY in a sandbox and mend it until it runs: install, import, tests, smoke run, reproduce.sh --smoke.

    It may be one of ours or anybody's.  The edits are written back as a commit, where there is git; a repository with
    uncommitted changes is refused.  Kept and resumed like a run.  Exit code 0 if every step passes in the end, 9 if
    not.
    """
    for source in ((paper,) if paper else ()) + supplements:
        check_source(source)
    if supplements and not paper:
        raise click.UsageError("--supplement is another file of the paper: give that with --paper.")
    context = options.context_of(given)
    recording = {name: given[name] for name in ("record", "only_drifted")}
    if not (yes or as_json) and terminal.is_interactive() and is_paid(context):
        _ask_to_go_on(repository, paper, context)

    from papercoder.cli.follow import follow

    async def begin(opened: "Home") -> "AsyncIterator[Event]":
        return opened.repair(repository, paper, context, supplements=supplements, **recording)

    follow(home, database, begin, as_json=as_json)
    ended = click.get_current_context().meta[PROGRESS].ended
    if not ended.published.runs:
        click.get_current_context().exit(ExecutionError.exit_code)


def _ask_to_go_on(repository: Path, paper: Path | str | None, context: "Context") -> None:
    rows = [
        ("Repairs", str(repository)),
        ("Paper", str(paper or "what it brings along, if it does")),
        ("Model", context.model + (f" at {context.base_url}" if context.base_url else "")),
        ("Takes", f"at most {context.repairs} repairs, each a few calls; nothing where it runs"),
        ("Budget", describe_budget(context.budget)),
    ]
    for label, text in rows:
        click.echo(f"{label:<8} {terminal.one_line(text)}")
    if not click.confirm("Go on?", default=True):
        raise Interrupted("Nothing was started.")
