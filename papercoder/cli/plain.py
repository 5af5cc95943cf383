"""A run as plain lines: for pipes, logs and terminals that cannot redraw."""

from types import TracebackType
from typing import Self

import click

from papercoder.cli.amounts import clock
from papercoder.cli.progress import Progress
from papercoder.cli.reviews import review_line
from papercoder.cli.summary import heading, summary
from papercoder.cli.terminal import clean, one_line
from state.events import (
    Event,
    FileFinished,
    Reviewed,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    StepTaken,
    Waiting,
    Warned,
)


class PlainView:
    """One line a stage begun or finished, a file finished, a review, a warning."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def show(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._lines(*heading(event))
            case RunFinished():
                self._lines(*(f"{label:<11} {clean(text)}".rstrip() for label, text in summary(event, self._progress)))
            case Waiting() if not self._progress.is_news(event):
                pass
            case _:
                self._moment(line(event, self._progress))

    def note(self, text: str) -> None:
        self._moment(text)

    def _moment(self, text: str) -> None:
        if text:
            self._lines(f"[{clock(self._progress.elapsed):>5}] {one_line(text)}")

    def _lines(self, *lines: str) -> None:
        for text in lines:
            click.echo(text)


def line(event: Event, progress: Progress) -> str:
    """The event in words; empty for what is not worth a line."""
    match event:
        case StageStarted(stage=stage, files=files, of=of):
            return f"{stage}: started" + (f", {files} {of}" if files else "")
        case StageFinished(stage=stage, summary=text):
            return f"{stage}: done" + (f", {text}" if text else "")
        case FileFinished(stage=stage, file=file):
            return f"{stage}: {progress.stages[stage].of_files} {file}"
        case Reviewed():
            return review_line(event)
        case StepTaken():
            return step_line(event)
        case Warned(text=text):
            return f"warning: {text}"
        case Waiting():
            return wait_line(event)
    return ""


def step_line(event: StepTaken) -> str:
    """What came of a step of running the repository, or what takes so long in it."""
    words = f": {event.words}" if event.words else ""
    if event.outcome == "at work":
        return f"{event.stage}: run {event.attempt}{words}" if not event.words.endswith("…") else ""
    return f"{event.stage}: run {event.attempt}: {event.step} {event.outcome}{words}"


def wait_line(event: Waiting) -> str:
    """Why nothing happens, and for how long."""
    where = f" for {event.file}" if event.file else ""
    return f"{event.stage}{where}: {event.reason}; trying again in {event.seconds:.0f} s"
