"""A run as it goes on, redrawn in place: the stages as a checklist, files in flight, a line of figures."""

from collections.abc import Iterator
from threading import Event, Thread
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from papercoder.cli.amounts import clock, money, share, tokens
from papercoder.cli.plain import step_line, wait_line
from papercoder.cli.progress import Progress, StageProgress, StageStatus
from papercoder.cli.reviews import review_line
from papercoder.cli.summary import heading, summary
from papercoder.cli.terminal import clean, one_line
from state.counts import counted
from state.errors import Interrupted
from state.events import Event as RunEvent
from state.events import Reviewed, RunFinished, RunStarted, StepTaken, Waiting, Warned

MARKS: dict[StageStatus, tuple[str, str]] = {
    "to come": ("·", "dim"),
    "done": ("✓", "green"),
    "earlier": ("✓", "dim green"),
    "left out": ("·", "dim"),
    "failed": ("✗", "red"),
    "stopped": ("–", "yellow"),
}
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
BAR = 20
SECONDS_A_FRAME = 0.1
NAME_LINES = 3


class LiveView:
    """Redrawn by a thread of its own, whatever the events do.

    The progress's lock is held while something is drawn: rich loses count of its lines if two threads draw at once.
    """

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress = progress
        self._console = console
        self._live = Live(console=console, get_renderable=self._frame, auto_refresh=False)
        self._closed = Event()
        self._thread = Thread(target=self._redraw, name="live view", daemon=True)

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._thread.join()
        if error is not None:
            self._progress.halt("stopped" if isinstance(error, Interrupted) else "failed")
        self._live.transient = self._progress.started is None  # nothing has happened yet: leave no trace of it
        self._live.stop()
        if isinstance(self._progress.ended, RunFinished):
            self._console.print(closing(self._progress.ended, self._progress))

    def _redraw(self) -> None:
        while not self._closed.wait(SECONDS_A_FRAME):
            with self._progress.lock:
                self._live.refresh()

    def show(self, event: RunEvent) -> None:
        match event:
            case RunStarted():
                self._above(heading(event)[0], "bold")
                for text in heading(event)[1:]:
                    self._above(text, "yellow")
            case Warned(text=text):
                self._above(f"! {one_line(text)}", "yellow")
            case Reviewed() if not event.file or event.open or event.note:  # a sound file shows in the bar
                self._above(one_line(review_line(event)), "dim")
            case StepTaken() if event.outcome != "at work":
                self._above(one_line(step_line(event)), "dim")
            case Waiting() if self._progress.is_news(event):
                self._above(f"… {one_line(wait_line(event))}", "yellow")

    def note(self, text: str) -> None:
        self._above(text, "bold yellow")

    def _above(self, text: str, style: str) -> None:
        if not text:
            return
        with self._progress.lock:
            self._console.print(Text(text, style))

    def _frame(self) -> RenderableType:
        return frame(self._progress, self._console.width)


def frame(progress: Progress, width: int) -> RenderableType:
    """One picture of the run."""
    if progress.started is None:
        return Text(f"{_spinner(progress)} starting", "dim")
    return Group(*_checklist(progress, width), Text(), *_figures(progress))


def closing(event: RunFinished, progress: Progress) -> RenderableType:
    """The last lines."""
    grid = Table.grid(padding=(0, 2))
    for label, text in summary(event, progress):
        grid.add_row(Text(label, "yellow" if label == "Warning" else "bold"), Text(clean(text), overflow="fold"))
    return Group(Text(), grid)


def _checklist(progress: Progress, width: int) -> Iterator[RenderableType]:
    for stage in progress.stages.values():
        row = Table.grid(expand=True, padding=(0, 1))
        row.add_column(width=1)
        row.add_column(width=13)
        row.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        row.add_column(justify="right", no_wrap=True)
        row.add_row(*_row(stage, progress))
        yield row
        if stage.status == "running":
            yield from _names(progress.files_in_flight(stage.name), width)


def _row(stage: StageProgress, progress: Progress) -> tuple[Text, Text, Text, Text]:
    if stage.status == "running":
        seconds = Text(clock(progress.now() - stage.started), "cyan")
        return Text(_spinner(progress), "cyan"), Text(stage.name, "bold"), _doing(stage, progress), seconds
    mark, style = MARKS[stage.status]
    quiet = "dim" if stage.status in ("to come", "earlier", "left out") else ""
    took = Text(clock(stage.seconds) if stage.seconds else "", "dim")
    return Text(mark, style), Text(stage.name, quiet), _done(stage), took


def _done(stage: StageProgress) -> Text:
    if stage.status in ("earlier", "left out"):
        return Text("done before" if stage.status == "earlier" else "not now", "dim")
    return Text(one_line(stage.summary) if stage.status == "done" else stage.of_files)


def _doing(stage: StageProgress, progress: Progress) -> Text:
    if stage.of_files:
        return _bar(len(stage.finished), max(stage.files, len(stage.finished)))
    call = next((call for call in progress.in_flight.values() if call.stage == stage.name), None)
    if call is None:
        return Text(one_line(stage.doing), "dim")
    return Text(call.role + (f", attempt {call.attempt}" if call.attempt > 1 else ""), "dim")


def _bar(done: int, total: int) -> Text:
    filled = BAR * done // total
    return Text.assemble((f"{done}/{total} ".rjust(6), "bold"), ("━" * filled, "green"), ("─" * (BAR - filled), "dim"))


def _names(files: list[str], width: int) -> Iterator[Text]:
    """The files in flight, on a few lines at most; how many more there are stands at the end."""
    lines: list[str] = [""]
    for number, name in enumerate(map(one_line, files)):
        room = width - 4 - len(" · +999 more")
        name = name if len(name) <= room else "…" + name[-room + 1 :]
        joined = f"{lines[-1]} · {name}" if lines[-1] else name
        if len(joined) <= room:
            lines[-1] = joined
        elif len(lines) < NAME_LINES:
            lines.append(name)
        else:
            lines[-1] += f" · +{len(files) - number} more"
            break
    yield from (Text(f"    {line}", "cyan", no_wrap=True, overflow="ellipsis") for line in lines if line)


def _figures(progress: Progress) -> Iterator[Text]:
    totals = progress.totals
    parts = [
        counted(totals.calls, "call") + (f" + {len(progress.in_flight)} in flight" if progress.in_flight else ""),
        f"{tokens(totals.usage.input)} in ({share(totals.usage)} cached), {tokens(totals.usage.output)} out",
        money(totals),
        clock(progress.elapsed),
    ]
    yield Text(" · ".join(parts))
    if progress.recalled:
        yield Text(f"{counted(progress.recalled, 'answer')} recalled from before, at no cost", "dim")
    if progress.waiting:
        yield Text(f"{counted(progress.waiting, 'call')} waiting before another attempt", "yellow")


def _spinner(progress: Progress) -> str:
    return SPINNER[int(progress.elapsed * 10) % len(SPINNER)]
