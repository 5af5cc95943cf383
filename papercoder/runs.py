"""Runs from outside: start, resume, list, remove.  What the CLI is built on, and a program can be, too."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.model import check_providers
from graph.evaluation import Evaluation, evaluation
from graph.material import bodies, critiques_of, typed, walked_of
from graph.pipeline import Pipeline, pipeline
from graph.repair import Repair, repair
from graph.revising import check_remark
from papercoder.models.recordings import Recorder, Recordings
from papercoder.publication import check_output, check_revisable
from papercoder.records import evaluation_record, repair_record, run_record
from papercoder.storage.bodies import get_bodies
from papercoder.storage.database import DATABASE, Database, open_database
from papercoder.storage.locks import FileLocks
from papercoder.storage.manifests import Remark, RunRecord, Status, now
from papercoder.storage.process import use_home
from papercoder.storage.salvage import Salvaged, salvage
from papercoder.work import Graph, Work, failed, request_of, snapshot_of
from state.context import Context, Stage
from state.critique import Critique
from state.errors import InputError, OutputError, PapercoderError
from state.evaluation import EvaluationRequest
from state.events import Event
from state.ledger import LedgerEntry, Totals
from state.published import Published
from state.review import Answer
from state.walkthrough import Walked

__all__ = ["Home", "RunRecord", "Salvaged", "Status", "open_home", "salvage_home"]


class Home:
    """Everything that runs keep: one database, one lock a run."""

    def __init__(self, database: Database) -> None:
        self.name = database.name
        self._database = database
        kept: dict[str, Any] = {"checkpointer": database.checkpoints, "store": database.store}
        self._pipeline: Pipeline = pipeline().compile(name="papercoder", **kept)
        self._evaluation: Evaluation = evaluation().compile(name="papercoder-evaluation", **kept)
        self._repair: Repair = repair().compile(name="papercoder-repair", **kept)
        self._at_work: set[Work] = set()

    # --- what there is

    async def runs(self) -> list[RunRecord]:
        """Newest first.  A run whose process died is shown as stopped."""
        records = await self._database.manifests.all()
        held = await self._database.locks.held(record.id for record in records if record.status == "running")
        return [_as_it_is(record, held) for record in records]

    async def run(self, prefix: str) -> RunRecord:
        """The run with this id or unique beginning of an id; '' is the newest.  InputError if there is none."""
        records = await self.runs()
        if not records:
            raise InputError(f"There are no runs in {self.name}.", "Start one: papercoder run PAPER")
        exact = [record for record in records if record.id == prefix]
        found = exact or [record for record in records if record.id.startswith(prefix)]
        if not found:
            raise InputError(f"There is no run {prefix!r} in {self.name}.", "See what there is: papercoder runs")
        if len(found) > 1 and prefix:
            raise InputError(f"{prefix!r} may be any of {', '.join(r.id for r in found)}.", "Give more of its id.")
        return found[0]

    async def ledger(self, run: str) -> list[LedgerEntry]:
        return await self._database.journal.ledger(run)

    async def state(self, run: str) -> dict[str, Any]:
        """The latest state values: plan, architecture, … as Pydantic objects (see state/pipeline.py)."""
        return dict((await snapshot_of(self._graph(await self.run(run)), run)).values)

    async def critiques(self, run: str) -> dict[str, Critique]:
        """How each artifact came about: stages, then `analysis of FILE` and `coding of FILE`."""
        record = await self.run(run)
        if record.evaluation:
            return {}
        snapshot = await snapshot_of(self._graph(record), run)
        return await critiques_of(snapshot.values, self._database.store)

    async def tests(self, run: str) -> dict[str, str]:
        """The tests that were written from the paper, by path; none where the run is an evaluation."""
        state = await self.state(run)
        return await get_bodies(self._database.store, bodies(state.get("tests")))

    async def walked(self, run: str) -> Walked | None:
        """The walkthrough and what came of its checks, where there is one."""
        record = await self.run(run)
        snapshot = await snapshot_of(self._graph(record), run)
        return await walked_of(snapshot.values, self._database.store)

    async def remove(self, run: str) -> int:
        """Forget a run: checkpoints, journal, bodies nobody else needs.  Bytes freed.  The output folder stays."""
        locks, before = self._database.locks, await self._database.size()
        async with locks.hold(run):
            await self._database.checkpoints.adelete_thread(run)
            await self._database.journal.forget(run)
            await self._database.manifests.forget(run)
        locks.forget(run)
        async with locks.nobody() as idle:  # else the next removal does it
            if idle:
                await self._database.sweep()
        return max(0, before - await self._database.size())

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
            manifest = await asyncio.to_thread(run_record, source, supplements, output, base, context)
        except PapercoderError as error:  # nothing is kept of a run that cannot begin
            yield failed("", error, Totals())
            return
        await self._database.manifests.save(manifest)
        recorder = _recordings(record, only_drifted)
        work = Work(manifest, self._pipeline, self._database, until=until, recorder=recorder)
        async with aclosing(self._events(work)) as events:
            async for event in events:
                yield event

    async def evaluate(
        self, source: Path | str, request: EvaluationRequest, output: Path, context: Context, *,
        supplements: Sequence[Path | str] = (), force: bool = False, record: Path | None = None,
        only_drifted: bool = False,
    ) -> AsyncIterator[Event]:  # fmt: skip
        """A new evaluation, whose report goes to `output`; told, kept and resumed as other runs are."""
        context = context.model_copy(update={"overwrite": force})
        try:
            check_output(output, overwrite=force)
            check_providers(context)
            manifest = await asyncio.to_thread(evaluation_record, source, supplements, output, request, context)
        except PapercoderError as error:
            yield failed("", error, Totals())
            return
        await self._database.manifests.save(manifest)
        work = Work(manifest, self._evaluation, self._database, recorder=_recordings(record, only_drifted))
        async with aclosing(self._events(work)) as events:
            async for event in events:
                yield event

    async def repair(
        self, repository: Path, source: Path | str | None, context: Context, *,
        supplements: Sequence[Path | str] = (), record: Path | None = None, only_drifted: bool = False,
    ) -> AsyncIterator[Event]:  # fmt: skip
        """Run a repository that exists, and mend it until it runs; the edits are written back into it."""
        try:
            check_providers(context)
            manifest = await asyncio.to_thread(repair_record, repository, source, supplements, context)
        except PapercoderError as error:
            yield failed("", error, Totals())
            return
        await self._database.manifests.save(manifest)
        work = Work(manifest, self._repair, self._database, recorder=_recordings(record, only_drifted))
        async with aclosing(self._events(work)) as events:
            async for event in events:
                yield event

    async def resume(
        self, run: str, *, changes: dict[str, Any] | None = None, answer: Answer | None = None,
        until: Stage | None = None, force: bool = False, record: Path | None = None, only_drifted: bool = False,
        afresh: bool = False,
    ) -> AsyncIterator[Event]:  # fmt: skip
        """Go on where the run stopped.  `changes` replaces fields of its context (e.g. a larger budget); `answer` is
        for the gate at which it waits.

        `afresh` forgets the run's checkpoints, not its answers: the graph begins anew and finds them in the journal.
        """
        manifest = await self.run(run)
        try:
            context = _changed(manifest.context, {**(changes or {}), **({"overwrite": True} if force else {})})
            check_providers(context)
            if answer and not await self._waits(manifest):
                raise InputError(f"The run {manifest.id} does not wait for an answer.", "Leave the answer out.")
            if until and (manifest.evaluation or manifest.repair):
                raise InputError(f"The run {manifest.id} does not go by {until}.", "Leave out --until.")
        except PapercoderError as error:
            yield failed(manifest.id, error, Totals())
            return
        manifest = manifest.model_copy(update={"context": context})
        work = Work(
            manifest, self._graph(manifest), self._database, until=until, recorder=_recordings(record, only_drifted),
            answer=answer, resumed=True, afresh=afresh,
        )  # fmt: skip
        async with aclosing(self._events(work)) as events:
            async for event in events:
                yield event

    async def revise(
        self, run: str, remark: str, *, output: Path | None = None, changes: dict[str, Any] | None = None,
        force: bool = False, record: Path | None = None, only_drifted: bool = False,
    ) -> AsyncIterator[Event]:  # fmt: skip
        """Carry out what the user of a finished run wants to be different, on the same thread.

        The repository goes where it is, with one commit more, or into `output` with its history.
        """
        manifest = await self.run(run)
        try:
            manifest = await self._with_remark(manifest, remark, output, {**(changes or {}), "overwrite": force})
            check_providers(manifest.context)
        except PapercoderError as error:
            yield failed(manifest.id, error, Totals())
            return
        work = Work(manifest, self._pipeline, self._database, recorder=_recordings(record, only_drifted), resumed=True)
        async with aclosing(self._events(work)) as events:
            async for event in events:
                yield event

    async def _with_remark(
        self, record: RunRecord, remark: str, output: Path | None, changes: dict[str, Any]
    ) -> RunRecord:
        """The manifest with what is wanted in it.  Raises before anything is paid for."""
        check_revised(record)
        check_remark(remark)
        target = await asyncio.to_thread(output.resolve) if output else Path(record.output)
        published = typed(Published, (await self.state(record.id)).get("published"))
        assert published, "a finished run has published something"
        check_revisable(target, published, overwrite=changes["overwrite"])
        given = Remark(text=remark.strip(), given=now(), calls=len(await self.ledger(record.id)))
        context = _changed(record.context, changes)
        return record.model_copy(
            update={"remarks": [*record.remarks, given], "context": context, "output": str(target), "stage": "revision"}
        )

    def stop(self) -> None:
        """Let calls in flight finish, begin no new one, and end each run with `Interrupted`.  For signal handlers."""
        for work in self._at_work:
            work.stop()

    async def _events(self, work: Work) -> AsyncGenerator[Event]:
        self._at_work.add(work)
        try:
            async with aclosing(work.events()) as events:
                async for event in events:
                    yield event
        finally:
            self._at_work.discard(work)

    def _graph(self, record: RunRecord) -> Graph:
        if record.repair:
            return self._repair
        return self._evaluation if record.evaluation else self._pipeline

    async def _waits(self, record: RunRecord) -> bool:
        return request_of(await snapshot_of(self._graph(record), record.id)) is not None


@asynccontextmanager
async def open_home(folder: Path, database: str = "") -> AsyncIterator[Home]:
    """Opens what runs keep: in the PostgreSQL database at this URL, else in the folder, made where there is none."""
    if not database:
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The home folder {folder} cannot be made: {error.strerror}.",
                "Choose another with --home or PAPERCODER_HOME.",
            ) from error
    use_home(folder)
    async with open_database(folder, database) as opened:
        yield Home(opened)


def check_revised(record: RunRecord) -> None:
    """Only what is finished can be revised.  `InputError` says what comes before."""
    if record.evaluation or record.repair:
        what = "an evaluation" if record.evaluation else "a repair"
        raise InputError(f"The run {record.id} is {what} and has made no repository.", "Name a run that has.")
    if record.status == "running":
        raise InputError(f"The run {record.id} is at work, in another process.", "Revise it when that has finished.")
    if record.status != "finished":
        again = f"papercoder resume {record.id}"
        raise InputError(
            f"The run {record.id} is not finished: it {'waits for' if record.status == 'waiting' else 'stopped at'} "
            f"{'your approval of ' if record.status == 'waiting' else ''}{record.stage}.",
            f"Let it come to its end first: {again}; then revise it.",
        )


def _as_it_is(record: RunRecord, held: set[str]) -> RunRecord:
    if record.status == "running" and record.id not in held:
        return record.model_copy(update={"status": "stopped"})
    return record


def _changed(context: Context, changes: dict[str, Any]) -> Context:
    try:
        return Context.model_validate({**context.model_dump(), **changes})
    except ValidationError as error:
        raise InputError(f"These settings do not fit: {error}", "See: papercoder resume --help") from error


def salvage_home(folder: Path) -> Salvaged:
    """Puts what can be read of a damaged SQLite database into a new one.  `KeptDamaged` if that is nothing."""

    async def alone() -> Salvaged:
        locks = FileLocks(folder / "locks")
        for lock in (folder / "locks").glob("*.lock"):
            async with locks.hold(lock.stem):
                pass
        return await salvage(folder / DATABASE)

    return asyncio.run(alone())


def _recordings(folder: Path | None, only_drifted: bool) -> Recorder | None:
    return Recorder(Recordings(folder), only_drifted=only_drifted) if folder else None
