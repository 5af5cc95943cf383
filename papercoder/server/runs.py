"""Runs on a server, with the events and errors that runs have here."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from graph.pipeline import last_node
from graph.revising import check_remark
from papercoder.publication import check_output, check_revisable
from papercoder.server import threads
from papercoder.server.connection import GRAPH, connected, in_words
from papercoder.server.papers import sent
from papercoder.server.repository import fetched, fetched_before
from papercoder.server.threads import Notes
from state import errors
from state.context import REVISION_STAGES, STAGES, Context, Stage, position, stage_before
from state.errors import Interrupted, PapercoderError, ServerError
from state.events import EVENT, ApprovalNeeded, Event, RunFailed, RunFinished, RunStarted, Warned
from state.ledger import Totals
from state.paths import UnsafePath, confine
from state.pipeline import PipelineState, revisions_of
from state.published import Published
from state.review import Answer

if TYPE_CHECKING:
    from langgraph_sdk.client import LangGraphClient
    from langgraph_sdk.schema import Command, StreamPart

RECURSION_LIMIT = 1_000


@dataclass(frozen=True)
class Work:
    """One thread, and how to go on with it.  `since` is what was fetched before, where a revision adds to that."""

    thread: str
    notes: Notes
    output: Path
    until: Stage | None = None
    since: Published | None = None
    revises: bool = False


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
                notes = Notes(context=context, folder=_folder(output))
                thread = await self._client.threads.create(metadata=notes.metadata)
            work = Work(threads.plain(thread["thread_id"]), notes, output, until)
        except PapercoderError as error:
            yield self._failed("", error)
            return
        async with aclosing(self._work(work, {"input": paper}, resumed=False)) as events:
            async for event in events:
                yield event

    async def resume(
        self, run: str, *, changes: dict[str, Any] | None = None, answer: Answer | None = None,
        until: Stage | None = None, force: bool = False, output: Path | None = None,
    ) -> AsyncIterator[Event]:  # fmt: skip
        """Go on with a thread, or follow it if it is at work; a finished one is fetched."""
        try:
            with in_words(self.url):
                thread = await threads.found(self._client, self.url, run)
                state = await self._client.threads.get_state(run)
                notes = await threads.noted(self._client, thread, changes, force=force)
                revises = threads.revises(state, notes)
                grows = revises or bool(cast("dict[str, Any]", state["values"]).get("revisions"))
                work = _prepared(run, notes, output, grows=grows)
                await threads.check_version(self._client, self.url, notes.context)
                given = await threads.going_on(self._client, thread, state, notes, answer)
                await self._client.threads.update(run, metadata=notes.metadata)
        except PapercoderError as error:
            yield self._failed(run, error)
            return
        work = replace(work, until=until, revises=revises)
        async with aclosing(self._work(work, given, resumed=True)) as events:
            async for event in events:
                yield event

    async def revise(
        self, run: str, remark: str, *, output: Path | None = None, changes: dict[str, Any] | None = None,
        force: bool = False,
    ) -> AsyncIterator[Event]:  # fmt: skip
        """Have carried out what the user of a finished thread wants to be different.

        The repository here gains a commit, or goes into `output` with its history.
        """
        try:
            asked = check_remark(remark)
            with in_words(self.url):
                thread = await threads.found(self._client, self.url, run)
                state = await self._client.threads.get_state(run)
                notes = await threads.noted(self._client, thread, changes, force=force)
                await threads.check_finished(self._client, self.url, run, state, notes)
                notes = notes.asking(asked, cast("dict[str, Any]", state["values"]))
                work = _prepared(run, notes, output, grows=True)
                await threads.check_version(self._client, self.url, notes.context, "remark")
                await self._client.threads.update(run, metadata=notes.metadata)
        except PapercoderError as error:
            yield self._failed(run, error)
            return
        work = replace(work, revises=True)
        async with aclosing(self._work(work, {"input": {"remark": asked}}, resumed=True)) as events:
            async for event in events:
                yield event

    def stop(self) -> None:
        """Cancel the run on the server; what it has answered is kept there.  For signal handlers."""
        self._stop_asked = True
        if self._at_work and not self._stopping:
            thread, run = self._at_work
            self._stopping = asyncio.ensure_future(self._client.runs.cancel(thread, run))

    # --- how it is done

    async def _work(self, work: Work, given: dict[str, Any] | None, *, resumed: bool) -> AsyncGenerator[Event]:
        model, output = work.notes.context.model, str(work.output.resolve())
        stages = REVISION_STAGES if work.revises else STAGES
        yield RunStarted(run=work.thread, model=model, output=output, resumed=resumed, stages=stages)
        try:
            with in_words(self.url):
                if given is not None:
                    async with aclosing(self._steps(work, given)) as events:
                        async for event in events:
                            yield event
                yield await self._outcome(work)
        except PapercoderError as error:
            yield self._failed(work.thread, error)

    async def _steps(self, work: Work, given: dict[str, Any]) -> AsyncGenerator[Event]:
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
            context=threads.sent(work.notes.context),
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
        return RunFinished(run=work.thread, published=await self._fetched(work, values), totals=self._totals)

    async def _fetched(self, work: Work, values: dict[str, Any]) -> Published:
        """The repository as it is here now."""
        if work.revises and not revisions_of(cast(PipelineState, values))[-1].carried_out:
            return work.since or Published(folder=str(work.output), files=0)
        context = work.notes.context
        published = await fetched(self._client, values, context, work.output, work.thread, work.since)
        await self._client.threads.update(work.thread, metadata=work.notes.fetched(published.commit).metadata)
        return published

    async def _stopped(self) -> Interrupted | None:
        """The error of a run that was cancelled from here."""
        if self._stopping is None:
            return None
        await self._stopping
        return Interrupted("The run was cancelled on the server; calls that were in flight may be billed.")

    def _failed(self, run: str, error: PapercoderError) -> RunFailed:
        next_step = error.next_step.replace("resume RUN", f"resume {run} --server {self.url}")
        return RunFailed(
            run=run, cause=error.cause, next_step=next_step, exit_code=error.exit_code, totals=self._totals
        )


@asynccontextmanager
async def open_server(url: str) -> AsyncIterator[Remote]:
    """The runs of the server at `url`."""
    async with connected(url) as client:
        yield Remote(url, client)


def _prepared(run: str, notes: Notes, output: Path | None, *, grows: bool) -> Work:
    """Where the repository goes, and what it adds to if it `grows`.  Raises where nothing may be written."""
    target = output or _here(notes.folder)
    since = _since(run, notes, target) if grows else None
    overwrite = notes.context.overwrite
    if since:
        check_revisable(target, since, overwrite=overwrite)
    else:
        check_output(target, overwrite=overwrite)
    return Work(run, notes, target, since=since)


def _since(run: str, notes: Notes, target: Path) -> Published | None:
    """What was fetched before, where it goes now or where it went first."""
    if found := fetched_before(target, run, notes.commits):
        return found
    try:
        return fetched_before(_here(notes.folder), run, notes.commits)
    except ServerError:  # no folder that this side would write to either
        return None


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
