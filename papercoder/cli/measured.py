"""What a full run has measured, beside the paper's numbers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import terminal
from state.errors import ExecutionError

if TYPE_CHECKING:
    from papercoder.results import Comparison
    from state.execution import ExecutionReport


def stamp(repository: Path) -> tuple[int, int]:
    """Which results.json there is, if any: one that the run did not write says nothing about it."""
    try:
        status = (repository / "results.json").lstat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino


def measured(report: "ExecutionReport", repository: Path, before: tuple[int, int]) -> list["Comparison"]:
    """The paper's numbers beside those of this run, if it was a full one and the plan names any.

    A run that ended badly has measured what stands in the results.json that it wrote.
    """
    from papercoder.provenance import traced
    from papercoder.publication.reading import read_published
    from papercoder.results import Provenance, compare

    last = report.steps[-1] if report.steps else None
    if report.mode != "full" or last is None or last.step != "reproduce" or not last.command:
        return []
    plan = read_published(repository)[1].plan
    if plan is None or not plan.expected_results:
        return []
    results = _written(repository, before)
    run = Provenance(command=" ".join(last.command), containment=report.containment, log=last.log)
    return traced(compare(plan.expected_results, results), results, repository, run)


def _written(repository: Path, before: tuple[int, int]) -> dict[str, Any]:
    """What the run has written; where that is nothing of use, every number counts as not run."""
    from papercoder.results import read_results

    try:
        if stamp(repository) == before:
            raise ExecutionError("results.json was not written by this run.", "The entry point must write it.")
        return read_results(repository)
    except ExecutionError as error:
        click.echo(f"{error.cause} {error.next_step}", err=True)
        return {}


def keep_measured(compared: list["Comparison"], repository: Path) -> None:
    """Into the repository, as RESULTS.md: what was measured, or that nothing was."""
    from papercoder.publication.measured import write_results

    if compared:
        click.echo(f"written: {write_results(repository, compared)}", err=True)


def print_measured(compared: list["Comparison"]) -> None:
    from papercoder.cli.results import table

    if not compared:
        return
    terminal.console().print(table(compared, "measured beside the paper's"))
    made = next((comparison.provenance for comparison in compared if comparison.provenance), None)
    if made:
        origin = f"{made.command}, commit {made.commit or 'unknown'}, seeds {made.seeds or 'unknown'}, log {made.log}"
        click.echo(f"from: {terminal.one_line(origin)}; the line of each number is in --json")
