"""The first and the last lines of a run."""

import shlex
from pathlib import Path

from papercoder.cli.amounts import clock, totals_line
from papercoder.cli.names import ARTIFACTS
from papercoder.cli.progress import Progress
from papercoder.cli.reviews import open_lines
from papercoder.cli.terminal import one_line
from state.counts import counted
from state.events import RunFinished, RunStarted
from state.published import Published
from state.revision import Revision
from state.shares import percent


def heading(event: RunStarted) -> list[str]:
    """Which run this is, and what changed since it was last worked on."""
    verb = "Resuming run" if event.resumed else "Run"
    return [f"{verb} {event.run}: {one_line(event.model)} → {nearby(event.output)}", *map(one_line, event.notes)]


def summary(event: RunFinished, progress: Progress) -> list[tuple[str, str]]:
    """Labels and texts: what came out, what to do next, what it took."""
    return [
        *_outcome(event, progress),
        *_reviewed(progress),
        ("Totals", f"{totals_line(event.totals)} · {clock(progress.elapsed)}"),
        ("Run", event.run + _where(event.run, progress)),
    ]


def _reviewed(progress: Progress) -> list[tuple[str, str]]:
    """What the code covers, and what reviews found and nobody mended."""
    covered = [] if progress.coverage is None else [("Coverage", f"{percent(progress.coverage)} of the requirements")]
    return [*covered, *(("Open", one_line(text)) for text in open_lines(progress.open))]


def _outcome(event: RunFinished, progress: Progress) -> list[tuple[str, str]]:
    if event.published is None:
        return _stopped(event, progress.server)
    if progress.revision:
        return _revised(event.published, progress.revision)
    if progress.evaluates:
        folder = nearby(event.published.folder)
        return [("Report", f"{folder}/report.md, and report.json beside it")]
    return _published(event.published)


def _revised(published: Published, revision: Revision) -> list[tuple[str, str]]:
    """What the reviser says to the user; then where the repository is, if something was changed."""
    answer = [("Answer", one_line(revision.answer))]
    if not revision.carried_out:
        return [*answer, ("Changed", f"nothing; {nearby(published.folder)} is as it was")]
    against = [("Deviates", one_line(f"the paper: {one.paper} Here: {one.here}")) for one in revision.deviations]
    return [*answer, *against, *_published(published)]


def _where(run: str, progress: Progress) -> str:
    if progress.server:
        return f" on {progress.server}"
    return f" (more: papercoder show {run})" if progress.kept else ""


def nearby(path: str) -> str:
    """The path as seen from the working folder, where that is shorter."""
    try:
        return f"./{Path(path).resolve().relative_to(Path.cwd())}"
    except ValueError:
        return path


def _published(published: Published) -> list[tuple[str, str]]:
    commit = f", commit {published.commit[:7]}" if published.commit else ""
    folder = nearby(published.folder)
    return [
        ("Repository", f"{folder} ({counted(published.files, 'file')}{commit})"),
        *(("Warning", one_line(text)) for text in published.warnings),
        ("Next", f"cd {shlex.quote(folder.removeprefix('./'))} && cat README.md"),
    ]


def _stopped(event: RunFinished, server: str) -> list[tuple[str, str]]:
    stage = event.stopped_after or "the last stage asked for"
    if server:
        return [("Stopped", f"after {stage}, as asked"), ("Next", f"papercoder resume {event.run} --server {server}")]
    see = f"papercoder show {event.run}" + (f" --stage {stage}" if stage in ARTIFACTS else "")
    return [("Stopped", f"after {stage}, as asked"), ("Next", f"{see}, then papercoder resume {event.run}")]
