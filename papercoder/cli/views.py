"""Ways to show a run: a live view, plain lines, or JSON."""

from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import click

from papercoder.cli import terminal

if TYPE_CHECKING:
    from papercoder.cli.progress import Progress
    from state.events import Event


class View(Protocol):
    """Entered before the first event and left after the last one."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, event: "Event") -> None:
        """The event has been applied to the progress already."""

    def note(self, text: str) -> None:
        """Something to say that is not an event."""


class JsonView:
    """One event a line.  A failure is written where all errors are told: see `errors`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def show(self, event: "Event") -> None:
        if event.kind != "run_failed":
            click.echo(event.model_dump_json())

    def note(self, text: str) -> None:
        click.echo(text, err=True)


def view_for(progress: "Progress", *, as_json: bool) -> View:
    """The view that fits where the output goes."""
    if as_json:
        return JsonView()
    if terminal.is_live():
        from papercoder.cli.live import LiveView

        return LiveView(progress, terminal.console())
    from papercoder.cli.plain import PlainView

    return PlainView(progress)
