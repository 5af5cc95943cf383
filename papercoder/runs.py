"""Runs from outside: start, resume, list, remove.  What the CLI is built on, and a program can be, too."""

import asyncio
import hashlib
import re
import secrets
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.types import StateSnapshot
from pydantic import ValidationError

from agents.model import Recorder, Session, check_providers, close_session, open_session
from graph.pipeline import Pipeline, pipeline
from papercoder.documents.addresses import address
from papercoder.models.recordings import Recordings
from papercoder.publication import check_output
from papercoder.storage.database import Database, open_database
from papercoder.storage.locks import is_locked, lock_run
from papercoder.storage.manifests import RunRecord, Status, now
from papercoder.storage.process import DATABASE, use_home
from papercoder.storage.removal import size_of, sweep_bodies
from prompts import prompts_digest
from state.artifacts import Published
from state.context import STAGES, Context, Stage
from state.errors import BudgetSpent, InputError, Interrupted, OutputError, PapercoderError, RunLocked
from state.events import EVENT, Event, RunFailed, RunFinished, RunStarted, StageStarted
from state.ledger import LedgerEntry, Totals
from state.pipeline import PaperSummary, PipelineInput

__all__ = ["Home", "RunRecord", "Status", "open_home"]

RECURSION_LIMIT = 1_000


class Home:
    """A folder with everything that runs keep: one database, one lock a run."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self._database = database
        self._graph: Pipeline = pipeline().compile(
            checkpointer=database.checkpoints, store=database.store, name="papercoder"
        )
        self._session: Session | None = None

    # --- what there is

    async def runs(self) -> list[RunRecord]:
        """Newest first.  A run whose process died is shown as stopped."""
        return [self._as_it_is(record) for record in await self._database.manifests.all()]

    async def run(self, prefix: str) -> RunRecord:
        """The run with this id or unique beginning of an id; '' is the newest.  InputError if there is none."""
        records = await self.runs()
        if not records:
            raise InputError(f"There are no runs in {self.folder}.", "Start one: papercoder run PAPER")
        exact = [record for record in records if record.id == prefix]
        found = exact or [record for record in records if record.id.startswith(prefix)]
        if not found:
            raise InputError(f"There is no run {prefix!r} in {self.folder}.", "See what there is: papercoder runs")
        if len(found) > 1 and prefix:
            raise InputError(f"{prefix!r} may be any of {', '.join(r.id for r in found)}.", "Give more of its id.")
        return found[0]

    async def ledger(self, run: str) -> list[LedgerEntry]:
        return await self._database.journal.ledger(run)

    async def state(self, run: str) -> dict[str, Any]:
        """The latest state values: plan, architecture, … as Pydantic objects (see state/pipeline.py)."""
        return dict((await self._graph.aget_state(_config(run))).values)

    async def remove(self, run: str) -> int:
        """Forget a run: checkpoints, journal, bodies nobody else needs.  Bytes freed.  The output folder stays."""
        with lock_run(self._locks, run):
            before = size_of(self._database.path)
            await self._database.checkpoints.adelete_thread(run)
            await self._database.journal.forget(run)
            await self._database.manifests.forget(run)
            if not any(record.status == "running" for record in await self.runs()):
                await sweep_bodies(self._database.path, self._database.checkpoints)
        (self._locks / f"{run}.lock").unlink(missing_ok=True)
        return max(0, before - size_of(self._database.path))

    # --- what one does

    async def start(
        self, source: Path | str, output: Path, context: Context, *, supplements: Sequence[Path | str] = (),
        base: Path | None = None, until: Stage | None = None, force: bool = False, record: Path | None = None,
        only_drifted: bool = False,
    ) -> AsyncIterator[Event]:  # fmt: skip
        """A new run.  A source is a path, or a text that is an arXiv id or an https address.

        Errors that are foreseen arrive as a final `RunFailed`, all others raise.
        """
        context = context.model_copy(update={"overwrite": force})
        try:
            check_output(output, overwrite=force)
            check_providers(context)
            manifest = await asyncio.to_thread(_manifest, source, supplements, output, base, context)
        except PapercoderError as error:  # nothing is kept of a run that cannot begin
            yield _failed("", error, Totals())
            return
        await self._database.manifests.save(manifest)
        async for event in self._work(manifest, until, _recordings(record, only_drifted), resumed=False):
            yield event

    async def resume(
        self, run: str, *, changes: dict[str, Any] | None = None, until: Stage | None = None, force: bool = False,
        record: Path | None = None, only_drifted: bool = False,
    ) -> AsyncIterator[Event]:  # fmt: skip
        """Go on where the run stopped.  `changes` replaces fields of its context (e.g. a larger budget)."""
        manifest = await self.run(run)
        changes = {**(changes or {}), **({"overwrite": True} if force else {})}
        try:
            context = Context.model_validate({**manifest.context.model_dump(), **changes})
            check_providers(context)
        except ValidationError as error:
            problem = InputError(f"These settings do not fit: {error}", "See: papercoder resume --help")
            yield _failed(manifest.id, problem, Totals())
            return
        except PapercoderError as error:
            yield _failed(manifest.id, error, Totals())
            return
        manifest = manifest.model_copy(update={"context": context})
        async for event in self._work(manifest, until, _recordings(record, only_drifted), resumed=True):
            yield event

    def stop(self) -> None:
        """Let calls in flight finish, begin no new one, and end the run with `Interrupted`.  For signal handlers."""
        if self._session:
            self._session.stop()

    # --- how it is done

    async def _work(
        self, manifest: RunRecord, until: Stage | None, recorder: Recorder | None, *, resumed: bool
    ) -> AsyncIterator[Event]:
        run, manifests = manifest.id, self._database.manifests
        try:
            with lock_run(self._locks, run):
                try:
                    async for event in self._stages(manifest, until, recorder, resumed=resumed):
                        yield event
                except PapercoderError as error:
                    stopped = isinstance(error, (Interrupted, BudgetSpent))
                    await manifests.update(run, status="stopped" if stopped else "failed", error=error.cause)
                    yield _failed(run, error, Totals.of(await self.ledger(run)))
                except BaseException as error:  # whatever ended it, a cancellation too, the manifest says so
                    await manifests.update(run, status="stopped", error=repr(error))
                    raise
                finally:
                    close_session(run)
                    self._session = None
        except RunLocked as error:
            yield _failed(run, error, Totals())

    async def _stages(
        self, manifest: RunRecord, until: Stage | None, recorder: Recorder | None, *, resumed: bool
    ) -> AsyncIterator[Event]:
        run, manifests, journal = manifest.id, self._database.manifests, self._database.journal
        await journal.abandon_open(run)
        notes = _changes_since(manifest.versions) if resumed else ()
        manifest = manifest.model_copy(update={"status": "running", "error": "", "versions": _versions()})
        await manifests.save(manifest)
        self._session = await open_session(run, manifest.context, journal, recorder)
        yield RunStarted(
            run=run, model=manifest.context.model, output=manifest.output, resumed=resumed, notes=notes,
            totals=self._session.totals,
        )  # fmt: skip
        if not await self._is_past(run, until):
            stream = self._graph.astream(
                await self._input(manifest),
                _config(run),
                context=manifest.context,
                stream_mode="custom",
                durability="async",
                interrupt_after=[until] if until else None,
            )
            async for value in stream:
                event = EVENT.validate_python(value)
                if isinstance(event, StageStarted):
                    await manifests.update(run, stage=event.stage)
                yield event
        yield await self._outcome(run, self._session.totals)

    async def _input(self, manifest: RunRecord) -> PipelineInput | None:
        """The run's input where nothing was checkpointed yet; None goes on from the last checkpoint."""
        if (await self._graph.aget_state(_config(manifest.id))).values:
            return None
        return PipelineInput(
            source=manifest.source, supplements=manifest.supplements, base=manifest.base, output=manifest.output
        )

    async def _is_past(self, run: str, until: Stage | None) -> bool:
        snapshot = await self._graph.aget_state(_config(run))
        if not snapshot.values:
            return False
        if not (ahead := _ahead(snapshot)):
            return True
        return until is not None and STAGES.index(ahead) > STAGES.index(until)

    async def _outcome(self, run: str, totals: Totals) -> RunFinished:
        snapshot = await self._graph.aget_state(_config(run))
        paper, published = snapshot.values.get("paper"), snapshot.values.get("published")
        title = PaperSummary.model_validate(paper).title if paper else ""
        if ahead := _ahead(snapshot):
            after = STAGES[STAGES.index(ahead) - 1]
            await self._database.manifests.update(run, status="stopped", stage=after, title=title)
            return RunFinished(run=run, published=None, stopped_after=after, totals=totals)
        await self._database.manifests.update(run, status="finished", title=title)
        return RunFinished(run=run, published=Published.model_validate(published), totals=totals)

    @property
    def _locks(self) -> Path:
        return self.folder / "locks"

    def _as_it_is(self, record: RunRecord) -> RunRecord:
        if record.status == "running" and not is_locked(self._locks, record.id):
            return record.model_copy(update={"status": "stopped"})
        return record


@asynccontextmanager
async def open_home(folder: Path) -> AsyncIterator[Home]:
    """Opens the home folder, making it where there is none."""
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The home folder {folder} cannot be made: {error.strerror}.",
            "Choose another with --home or PAPERCODER_HOME.",
        ) from error
    try:
        use_home(folder)
        async with open_database(folder / DATABASE) as database:
            yield Home(folder, database)
    except sqlite3.DatabaseError as error:
        raise OutputError(
            f"The database {folder / DATABASE} cannot be used: {error}.",
            "If another process holds it, wait; if the disk is full, make room; then: papercoder resume",
        ) from error


def _config(run: str) -> RunnableConfig:
    return {"configurable": {"thread_id": run}, "recursion_limit": RECURSION_LIMIT, "run_name": f"papercoder {run}"}


def _ahead(snapshot: StateSnapshot) -> Stage | None:
    """The stage that the next step takes.  `snapshot.next` lacks one that ended before a kill kept its checkpoint."""
    return next((cast(Stage, task.name) for task in snapshot.tasks), None)


def _recordings(folder: Path | None, only_drifted: bool) -> Recorder | None:
    return Recorder(Recordings(folder), only_drifted=only_drifted) if folder else None


def _manifest(
    source: Path | str, supplements: Sequence[Path | str], output: Path, base: Path | None, context: Context
) -> RunRecord:
    return RunRecord(
        id=f"{_slug(source)}-{secrets.token_hex(2)}",
        status="running",
        stage=STAGES[0],
        source=_whole(source),
        supplements=[_whole(supplement) for supplement in supplements],
        base=str(base.resolve()) if base else "",
        output=str(output.resolve()),
        created=now(),
        updated=now(),
        context=context,
        paper_sha256=_sha256(source),
        versions=_versions(),
    )


def _whole(source: Path | str) -> str:
    """A path from the root, so that a run can be resumed from anywhere; an address as it is."""
    if isinstance(source, Path) and not source.exists():
        raise InputError(f"There is no paper at {source}.", "Check the path.")
    return str(source.resolve()) if isinstance(source, Path) else source


def _slug(source: Path | str) -> str:
    name = source.stem if isinstance(source, Path) else address(source).stem
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:32] or "paper"


def _sha256(source: Path | str) -> str:
    """Of the paper's file; of a folder, or of what is still to be fetched, nothing."""
    if isinstance(source, str):
        return ""
    if not source.exists():
        raise InputError(f"There is no paper at {source}.", "Check the path.")
    return hashlib.sha256(source.read_bytes()).hexdigest() if source.is_file() else ""


def _versions() -> dict[str, str]:
    packages = ("papercoder", "langgraph", "langchain-openai", "pypdfium2")
    return {**{package: version(package) for package in packages}, "prompts": prompts_digest()}


def _changes_since(then: dict[str, str]) -> tuple[str, ...]:
    """What is not as it was when the run was last worked on."""
    return tuple(
        "the prompts have changed: a question that now reads differently is asked again"
        if name == "prompts"
        else f"{name} was {then[name]} and is {current}"
        for name, current in _versions().items()
        if name in then and then[name] != current
    )


def _failed(run: str, error: PapercoderError, totals: Totals) -> RunFailed:
    return RunFailed(run=run, cause=error.cause, next_step=error.next_step, exit_code=error.exit_code, totals=totals)
