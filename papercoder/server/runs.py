"""Runs on a server, with the events and errors that runs have here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from graph.pipeline import last_node
from papercoder.publication import check_output
from papercoder.server import threads
from papercoder.server.connection import GRAPH, connected, in_words
from papercoder.server.papers import sent
from papercoder.server.repository import fetched
from state import errors
from state.context import Context, Stage, position, stage_before
from state.errors import Interrupted, PapercoderError, ServerError
from state.events import EVENT, ApprovalNeeded, Event, RunFailed, RunFinished, RunStarted, Warned
from state.ledger import Totals
from state.paths import UnsafePath, confine
from state.review import Answer

if TYPE_CHECKING:
    from langgraph_sdk.client import LangGraphClient
    from langgraph_sdk.schema import Command, StreamPart

RECURSION_LIMIT = 1_000


@dataclass(frozen=True)
class Work:
    """One thread, and how to go on with it."""

    thread: str
    context: Context
    output: Path
    until: Stage | None


class Remote:
    """The server's runs; what `papercoder.runs.Home` is for those of this machine."""

    def __init__(self, url: str, client: "LangGraphClient") -> None:
        self.url = url
        self._client = client
        self._totals = Totals()
        self._at_work: tuple[str, str] | None = None  # thread and run
        self._stop_asked = False
        self._stopping: asyncio.Task[None] | None = None
        self._another_version = False

    # --- what one does

    async def start(
        self, source: Path | str, output: Path, context: Context, *, until: Stage | None = None, force: bool = False
    ) -> AsyncIterator[Event]:
        """Send the paper, or where it can be fetched, and follow its run.

        Errors that are foreseen arrive as a final `RunFailed`.
        """
        context = context.model_copy(update={"overwrite": force})
        try:
            check_output(output, overwrite=force)
            paper = await asyncio.to_thread(sent, source)
            with in_words(self.url):
                await threads.check_version(self._client, self.url, context)
                thread = await self._client.threads.create(metadata=threads.notes(context, _folder(output)))
            work = Work(threads.plain(thread["thread_id"]), context, output, until)
        except PapercoderError as error:
            yield self._failed("", error)
            return
        async for event in self._work(work, {"input": paper}, resumed=False):
            yield event

    async def resume(
        self, run: str, *, changes: dict[str, Any] | None = None, answer: Answer | None = None,
        until: Stage | None = None, force: bool = False, output: Path | None = None,
    ) -> AsyncIterator[Event]:  # fmt: skip
        """Go on with a thread, or follow it if it is at work; a finished one is fetched."""
        try:
            with in_words(self.url):
                thread = await threads.found(self._client, self.url, run)
                context, folder = await threads.noted(self._client, thread, changes, force=force)
                output = output or _here(folder)
                check_output(output, overwrite=force)
                await threads.check_version(self._client, self.url, context)
                given = await threads.going_on(self._client, thread, answer)
                await self._client.threads.update(run, metadata=threads.notes(context, folder))
        except PapercoderError as error:
            yield self._failed(run, error)
            return
        async for event in self._work(Work(run, context, output, until), given, resumed=True):
            yield event

    def stop(self) -> None:
        """Cancel the run on the server; what it has answered is kept there.  For signal handlers."""
        self._stop_asked = True
        if self._at_work and not self._stopping:
            thread, run = self._at_work
            self._stopping = asyncio.ensure_future(self._client.runs.cancel(thread, run))

    # --- how it is done

    async def _work(self, work: Work, given: dict[str, Any] | None, *, resumed: bool) -> AsyncIterator[Event]:
        model, output = work.context.model, str(work.output.resolve())
        yield RunStarted(run=work.thread, model=model, output=output, resumed=resumed)
        try:
            with in_words(self.url):
                if given is not None:
                    async for event in self._steps(work, given):
                        yield event
                yield await self._outcome(work)
        except PapercoderError as error:
            yield self._failed(work.thread, error)

    async def _steps(self, work: Work, given: dict[str, Any]) -> AsyncIterator[Event]:
        """The thread's events until it is done, waits for a person, or is past the stage asked for."""
        while True:
            async for part in self._stream(work, given):
                if part.event == "metadata" and "run_id" in part.data:
                    self._works_on(work.thread, part.data["run_id"])
                elif part.event == "error":
                    raise await self._stopped() or _told(part.data)
                elif part.event == "custom":
                    for event in self._understood(part.data):
                        yield event
            state = await self._client.threads.get_state(work.thread)
            ahead = threads.ahead(state)
            past = not ahead or (work.until and position(ahead) > position(work.until))
            if not work.until or past or threads.request(state) or self._stopping:
                return
            given = {"input": None}  # a person asked for a revision of this stage

    def _stream(self, work: Work, given: dict[str, Any]) -> "AsyncIterator[StreamPart]":
        if run := given.get("join"):
            self._works_on(work.thread, run)
            return self._client.runs.join_stream(work.thread, run, stream_mode="custom", last_event_id="-1")
        return self._client.runs.stream(
            work.thread,
            GRAPH,
            input=given.get("input"),
            command=cast("Command | None", given.get("command")),
            context=threads.sent(work.context),
            config={"recursion_limit": RECURSION_LIMIT},
            stream_mode="custom",
            stream_resumable=True,
            on_disconnect="continue",
            multitask_strategy="reject",
            interrupt_after=[last_node(work.until)] if work.until else None,
        )

    def _works_on(self, thread: str, run: str) -> None:
        self._at_work = thread, run
        if self._stop_asked:  # before there was anything to cancel
            self.stop()

    def _understood(self, data: object) -> list[Event]:
        """The event; one that only another version knows is told of once, and left out."""
        try:
            event = EVENT.validate_python(data)
        except ValidationError:
            if self._another_version:
                return []
            self._another_version = True
            return [Warned(text="the server's papercoder is of another version: not all that it tells is shown")]
        self._totals = getattr(event, "totals", self._totals)
        return [event]

    async def _outcome(self, work: Work) -> RunFinished | ApprovalNeeded:
        state = await self._client.threads.get_state(work.thread)
        if stopped := await self._stopped():
            raise stopped
        if request := threads.request(state):
            return ApprovalNeeded(run=work.thread, request=request, totals=self._totals)
        if ahead := threads.ahead(state):
            after = stage_before(ahead)
            if work.until is None:
                raise Interrupted(f"The run was stopped on the server, before {ahead}.", "Go on: papercoder resume")
            return RunFinished(run=work.thread, published=None, stopped_after=after, totals=self._totals)
        values = cast("dict[str, Any]", state["values"])
        published = await fetched(self._client, values, work.context, work.output, work.thread)
        return RunFinished(run=work.thread, published=published, totals=self._totals)

    async def _stopped(self) -> Interrupted | None:
        """The error of a run that was cancelled from here."""
        if self._stopping is None:
            return None
        await self._stopping
        return Interrupted("The run was cancelled on the server; calls that were in flight may be billed.")

    def _failed(self, run: str, error: PapercoderError) -> RunFailed:
        return RunFailed(
            run=run, cause=error.cause, next_step=error.next_step, exit_code=error.exit_code, totals=self._totals
        )


@asynccontextmanager
async def open_server(url: str) -> AsyncIterator[Remote]:
    """The runs of the server at `url`."""
    async with connected(url) as client:
        yield Remote(url, client)


def _here(folder: str) -> Path:
    """The folder of that name in the working folder, and nowhere else: the name comes from the server."""
    try:
        return confine(Path.cwd(), folder)
    except UnsafePath as error:
        raise ServerError(f"The server names no folder to write to: {error}.", "Choose one with --output.") from error


def _folder(output: Path) -> str:
    return output.resolve().name


def _told(data: Any) -> PapercoderError:
    """The server's error as one of ours."""
    name, message = str(data.get("error", "")), str(data.get("message", ""))
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, PapercoderError):
        cause, _, next_step = message.partition("\n")
        return kind(cause, next_step)
    return PapercoderError(f"The run failed on the server: {name}: {message}", "The server's log says more.")
