"""Following a run from its first event to its last, and stopping it when the user asks."""

import asyncio
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from papercoder.cli import approval, home, terminal
from papercoder.cli.errors import PROGRESS, RunEnded
from papercoder.cli.progress import Progress
from papercoder.cli.views import View, view_for
from state.counts import counted
from state.errors import Interrupted
from state.events import ApprovalNeeded, Event, RunFailed, RunStarted

if TYPE_CHECKING:
    from papercoder.runs import Home
    from papercoder.server.runs import Remote
    from state.context import Stage
    from state.review import Answer

    Runs = Home | Remote
    """Where runs are: a home folder, or a server."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOPPED_AS_ASKED = 10
NOTHING_CHANGED = 3


Begin = Callable[[Any], Awaitable[AsyncIterator[Event]]]


def follow(
    folder: Path, database: str, begin: Begin, *, as_json: bool, until: str | None = None, server: str = "",
    **again: Any,
) -> None:  # fmt: skip
    """Show a run to its end, asking for approvals on the way where somebody can be asked.

    `again` goes along with every answer.  A run that failed raises `RunEnded`; one that was to stop early, or waits
    for an approval, exits with 10.
    """
    progress = Progress(until, server=server)
    click.get_current_context().meta[PROGRESS] = progress
    asyncio.run(_follow(folder, database, begin, progress, view_for(progress, as_json=as_json)))
    while isinstance(progress.ended, ApprovalNeeded) and not as_json:
        answer = approval.ask(progress.ended) if terminal.is_interactive() else None
        if answer is None:
            approval.tell_how_to_answer(progress.ended)
            break
        progress.go_on()
        going_on = _answering(progress.run, answer, until, again)
        asyncio.run(_follow(folder, database, going_on, progress, view_for(progress, as_json=as_json)))
    conclude(progress)
    if not as_json and progress.report:
        from papercoder.cli.judging import print_report

        print_report(Path(progress.report))


def _answering(run: str, answer: "Answer", until: str | None, again: dict[str, Any]) -> Begin:
    """Go on with a person's answer; the home folder was closed while they thought."""

    async def begin(opened: "Runs") -> AsyncIterator[Event]:
        return opened.resume(run, answer=answer, until=cast("Stage | None", until), **again)

    return begin


def conclude(progress: Progress) -> None:
    """Turn the last event into an exit code."""
    if progress.ended is None:
        raise RuntimeError("the run ended without saying how")
    if isinstance(progress.ended, RunFailed):
        raise RunEnded(progress.ended)
    if isinstance(progress.ended, ApprovalNeeded) or progress.ended.published is None:
        click.get_current_context().exit(STOPPED_AS_ASKED)
    if progress.revision and not progress.revision.carried_out:
        click.get_current_context().exit(NOTHING_CHANGED)


async def _follow(folder: Path, database: str, begin: Begin, progress: Progress, view: View) -> None:
    with view:
        async with _opened(folder, database, progress.server) as opened:
            stopper = Stopper(opened, progress, view)
            try:
                with stopper.listening():
                    await _show_all(await begin(opened), progress, view)
            except asyncio.CancelledError:
                if not stopper.cancelled:
                    raise
                raise Interrupted(stopper.cause) from None


def _opened(
    folder: Path, database: str, server: str
) -> "AbstractAsyncContextManager[Home] | AbstractAsyncContextManager[Remote]":
    if not server:
        return home.open_home(folder, database)

    from papercoder.server.runs import open_server

    return open_server(server)


async def _show_all(events: AsyncIterator[Event], progress: Progress, view: View) -> None:
    try:
        async for event in events:
            is_known = isinstance(event, RunStarted) and progress.started is not None  # it goes on after an approval
            progress.apply(event)
            if not is_known:
                view.show(event)
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()  # before the database is closed, not when the garbage collector comes by


class Stopper:
    """The first signal lets calls in flight finish, or cancels the run on its server; the second does not wait."""

    def __init__(self, opened: "Runs", progress: Progress, view: View) -> None:
        self._home = opened
        self._progress = progress
        self._view = view
        self._task = asyncio.current_task()
        self._asked = False
        self.cancelled = False
        self.cause = ""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Signals are heard in here."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._heard)
        try:
            yield
        finally:
            self._deaf()

    def _heard(self) -> None:
        calls = len(self._progress.in_flight)
        if not self._asked:
            self._asked = True
            self._home.stop()
            self._view.note(_finishing(calls, self._progress.server))
            return
        self.cancelled = True
        self.cause = _left(calls, self._progress.server)
        self._deaf()  # a third signal ends the process
        if self._task:
            self._task.cancel()

    def _deaf(self) -> None:
        for number in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)


def _left(calls: int, server: str) -> str:
    if server:
        return "Left at once; whether the run was cancelled on the server is not known."
    return "Stopped at once" + (f"; {counted(calls, 'call')} in flight may be billed." if calls else ".")


def _finishing(calls: int, server: str) -> str:
    if server:
        return "cancelling the run on the server; press Ctrl-C again to leave without waiting"
    doing = f"finishing the {counted(calls, 'call')} in flight" if calls else "stopping"
    return f"{doing}; press Ctrl-C again to stop now"
