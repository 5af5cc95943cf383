"""`papercoder demo`: a whole run, without a key and without cost."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from papercoder.cli.command import Command
from papercoder.cli.errors import PROGRESS
from papercoder.cli.home import home_option
from state.errors import ExecutionError

if TYPE_CHECKING:
    from papercoder.cli.progress import Progress
    from state.events import Event

EXAMPLES = """
papercoder demo
papercoder demo --output /tmp/demo --keep
"""


@click.command("demo", cls=Command, examples=EXAMPLES)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default="papercoder-demo", show_default=True,
    metavar="DIR", help="Where the repository goes.",
)  # fmt: skip
@click.option("--keep", is_flag=True, help="Keep the run in the home folder, for `papercoder show`.")
@home_option
def command(output: Path, keep: bool, home: Path) -> None:
    """Watch a whole run on a small paper of our own, then run what came out and compare it with the paper.

    Recorded answers play the model: no key and no cost.  The repository runs in a sandbox; the network is used only to
    install what it needs.
    """
    from papercoder.cli.progress import Progress

    if keep:
        play(output, home, Progress())
        reproduce(output, home, made_in=home)
        return
    with TemporaryDirectory(prefix="papercoder-demo-") as folder:
        play(output, Path(folder), Progress(kept=False))
        reproduce(output, home, made_in=Path(folder))


def play(output: Path, home: Path, progress: "Progress") -> None:
    """Run the demo and show what happens."""
    from papercoder.cli.follow import conclude
    from papercoder.cli.views import view_for
    from papercoder.demo import demo

    click.get_current_context().meta[PROGRESS] = progress
    with view_for(progress, as_json=False) as view:

        def on_event(event: "Event") -> None:
            progress.apply(event)
            view.show(event)

        demo(output, home, on_event)
    conclude(progress)


def reproduce(repository: Path, home: Path, *, made_in: Path) -> None:
    """Run the repository and show its numbers beside the paper's.

    `home` keeps the logs.  `made_in` is the home folder of the run that made it, where its packages are installed.
    Exit code 9 if one is off or missing, or if a test from the paper fails.
    """
    from papercoder.cli.results import table
    from papercoder.cli.terminal import console
    from papercoder.demo import comparisons, run_repository, tests_from_the_paper, write_comparisons

    report = run_repository(
        repository, made_in / "environments", home / "executions" / "demo", lambda line: click.echo(f"  {line}")
    )
    rows = comparisons(repository)
    click.echo(f"  written: {write_comparisons(repository, report, rows)}")
    console().print(table(rows, f"reproduced in {report.steps[-1].seconds:.0f} s in {report.containment}"))
    passed, written = tests_from_the_paper(repository, report)
    if written:
        click.echo(f"{passed} of {written} tests pass that were written from the paper, before there was code.")
    judged = [row for row in rows if row.verdict != "no tolerance"]
    reproduced = sum(row.verdict == "reproduced" for row in judged)
    click.echo(f"{reproduced} of {len(judged)} numbers are reproduced within the tolerance that the paper states.")
    if reproduced < len(judged) or passed < written:
        click.get_current_context().exit(ExecutionError.exit_code)
