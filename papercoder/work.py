"""Work on one run: from where it stands to its end, to the stage asked for, or to a gate."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.graph import START
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, StateSnapshot

from agents.model import close_session, open_session
from agents.session import Session
from graph.pipeline import last_node, stage_of
from papercoder.models.recordings import Recorder
from papercoder.storage.database import Database, DatabaseAway
from papercoder.storage.manifests import RunRecord
from papercoder.tracing.process import Tracing, begin_tracing
from papercoder.versions import changes_since, versions
from state.context import (
    EVALUATION_STAGES,
    REPAIR_STAGES,
    REVISION_STAGES,
    STAGES,
    Context,
    RevisionStage,
    Stage,
    position,
    stage_before,
)
from state.errors import BudgetSpent, Interrupted, KeptDamaged, PapercoderError, RunLocked
from state.evaluation import EvaluationInput
from state.events import (
    EVENT,
    ApprovalNeeded,
    Estimated,
    Event,
    RunFailed,
    RunFinished,
    RunStarted,
    StageStarted,
    Warned,
)
from state.ledger import Totals
from state.pipeline import PaperSummary, PipelineInput, PipelineState, revision_at_work, revisions_of
from state.published import Published
from state.repair import RepairInput
from state.review import Answer, ApprovalRequest
from state.secrets import redacted

RECURSION_LIMIT = 1_000

Graph = CompiledStateGraph[Any, Context, Any, Any]
"""The pipeline, or an evaluation."""
GraphInput = PipelineInput | EvaluationInput | RepairInput


@dataclass(eq=False)
class Work:
    """One process's work on a run, under the run's lock."""

    manifest: RunRecord
    graph: Graph
    database: Database
    until: Stage | None = None
    recorder: Recorder | None = None
    answer: Answer | None = None
    resumed: bool = False
    afresh: bool = False  # forget the checkpoints; the answers are in the journal
    session: Session | None = None
    tracing: Tracing = field(default_factory=Tracing)

    @property
    def run(self) -> str:
        return self.manifest.id

    def stop(self) -> None:
        """Let calls in flight finish, begin no new one, and end with `Interrupted`."""
        if self.session:
            self.session.stop()

    async def events(self) -> AsyncGenerator[Event]:
        """What happens; foreseen errors arrive as a final `RunFailed`.  What went wrong with traces is said before."""
        self.tracing = begin_tracing()
        try:
            async with aclosing(self._locked()) as events:
                async for event in events:
                    is_last = isinstance(event, (RunFinished, RunFailed, ApprovalNeeded))
                    if is_last and (problem := await self.tracing.settle()):
                        yield Warned(text=problem)
                    yield event
        finally:
            self.tracing.close()

    async def _locked(self) -> AsyncGenerator[Event]:
        try:
            async with self.database.locks.hold(self.run), aclosing(self._kept()) as events:
                async for event in events:
                    yield event
        except (RunLocked, DatabaseAway) as error:
            yield failed(self.run, error, self.session.totals if self.session else Totals())

    async def _kept(self) -> AsyncGenerator[Event]:
        """The manifest says how it ended, whatever that was."""
        manifests = self.database.manifests
        try:
            async with aclosing(self._begun()) as events:
                async for event in events:
                    yield event
        except (RunLocked, DatabaseAway):  # the manifest is another's now, or out of reach
            raise
        except PapercoderError as error:
            stopped = isinstance(error, (Interrupted, BudgetSpent))
            await manifests.update(self.run, status="stopped" if stopped else "failed", error=error.cause)
            yield failed(self.run, error, Totals.of(await self.database.journal.ledger(self.run)))
        except BaseException as error:  # a bug, a kill or a cancellation: it goes on, and the manifest tells of it
            await manifests.update(self.run, status="stopped", error=redacted(repr(error)))
            raise
        finally:
            close_session(self.run)

    async def _begun(self) -> AsyncGenerator[Event]:
        if self.afresh:
            await self.database.checkpoints.adelete_thread(self.run)
        await self.database.journal.abandon_open(self.run)
        notes = changes_since(self.manifest.versions) if self.resumed else ()
        now = {"status": "running", "error": "", "versions": versions()}
        self.manifest = self.manifest.model_copy(update=now)
        await self.database.manifests.save(self.manifest)
        context = self.manifest.context
        self.session = await open_session(self.run, context, self.database.journal, self.recorder)
        yield RunStarted(
            run=self.run, model=context.model, output=self.manifest.output, resumed=self.resumed, notes=notes,
            totals=self.session.totals, stages=self._stages(await self._snapshot()),
        )  # fmt: skip
        async with aclosing(self._steps()) as events:
            async for event in events:
                if isinstance(event, StageStarted):
                    await self.database.manifests.update(self.run, stage=event.stage)
                elif isinstance(event, Estimated):
                    await self.database.manifests.update(self.run, estimate=event.estimate)
                yield event
        yield await self._outcome(self.session.totals)

    async def _steps(self) -> AsyncGenerator[Event]:
        """The graph's events until it is done, waits for a person, or is past the stage asked for."""
        snapshot = await self._snapshot()
        graph_input = self._input(snapshot)
        while graph_input or not self._rests(snapshot):
            stream = self.graph.astream(
                graph_input,
                {**config_of(self.run), "callbacks": self.tracing.callbacks},
                context=self.manifest.context,
                stream_mode="custom",
                durability="async",
                interrupt_after=[last_node(self.until)] if self.until else None,
            )
            async with aclosing(cast("AsyncGenerator[Any]", stream)) as values:
                async for value in values:
                    yield EVENT.validate_python(value)
            snapshot = await self._snapshot()
            if request_of(snapshot):
                return
            graph_input = self._remark(snapshot)  # of a run that began anew there may be several

    def _input(self, snapshot: StateSnapshot) -> GraphInput | Command[Any] | None:
        """A person's answer; None to go on from the last checkpoint; the run's input where there is none yet."""
        if self.answer:
            return Command(resume=self.answer.model_dump())
        return self._remark(snapshot) if snapshot.values else _input(self.manifest)

    def _remark(self, snapshot: StateSnapshot) -> PipelineInput | None:
        """The next one that a finished state has not taken in: a kill may have come before its first checkpoint."""
        taken = len(revisions_of(cast(PipelineState, snapshot.values)))
        if snapshot.tasks or taken >= len(self.manifest.remarks):
            return None
        return PipelineInput(remark=self.manifest.remarks[taken].text, output=self.manifest.output)

    def _stages(self, snapshot: StateSnapshot) -> tuple[str, ...]:
        if self.manifest.evaluation:
            return EVALUATION_STAGES
        if self.manifest.repair:
            return REPAIR_STAGES
        revises = self._remark(snapshot) or stage_ahead(snapshot) == "revision"
        at_work = revision_at_work(cast(PipelineState, snapshot.values))
        return REVISION_STAGES if snapshot.values and (revises or at_work) else STAGES

    def _rests(self, snapshot: StateSnapshot) -> bool:
        """Nothing is ahead, or nothing that was asked for.  A gate whose stage was sent back is not at rest."""
        ahead = stage_ahead(snapshot)
        return ahead is None or (self.until is not None and position(ahead) > position(self.until))

    async def _outcome(self, totals: Totals) -> RunFinished | ApprovalNeeded:
        snapshot = await self._snapshot()
        paper, published = snapshot.values.get("paper"), snapshot.values.get("published")
        title = PaperSummary.model_validate(paper).title if paper else ""
        manifests = self.database.manifests
        if request := request_of(snapshot):
            await manifests.update(self.run, status="waiting", stage=request.stage, title=title)
            return ApprovalNeeded(run=self.run, request=request, totals=totals)
        if ahead := stage_ahead(snapshot):
            after = stage_before(ahead)
            await manifests.update(self.run, status="stopped", stage=after, title=title)
            return RunFinished(run=self.run, published=None, stopped_after=after, totals=totals)
        there = Published.model_validate(published)
        await manifests.update(self.run, status="finished", title=title, output=there.folder)
        return RunFinished(run=self.run, published=there, totals=totals)

    async def _snapshot(self) -> StateSnapshot:
        return await snapshot_of(self.graph, self.run)


def _input(manifest: RunRecord) -> GraphInput:
    if manifest.evaluation:
        return EvaluationInput(
            source=manifest.source, supplements=manifest.supplements, request=manifest.evaluation,
            output=manifest.output,
        )  # fmt: skip
    if manifest.repair:
        return RepairInput(source=manifest.source, supplements=manifest.supplements, request=manifest.repair)
    return PipelineInput(
        source=manifest.source, supplements=manifest.supplements, base=manifest.base, output=manifest.output
    )


async def snapshot_of(graph: Graph, run: str) -> StateSnapshot:
    """The run's last checkpoint.  `KeptDamaged` where it cannot be read."""
    try:
        return await graph.aget_state(config_of(run))
    except (ValueError, TypeError, LookupError, AttributeError, NotImplementedError) as error:  # foreign bytes
        raise KeptDamaged.of(
            f"The checkpoint of run {run} is damaged: {type(error).__name__}: {error}.", run
        ) from error


def config_of(run: str) -> RunnableConfig:
    return {
        "configurable": {"thread_id": run},
        "recursion_limit": RECURSION_LIMIT,
        "run_name": f"papercoder {run}",
        "tags": [f"run:{run}"],
    }


def stage_ahead(snapshot: StateSnapshot) -> Stage | RevisionStage | None:
    """The stage that the next step takes, or waits for a person's word on.

    `snapshot.next` lacks one that ended before a kill kept its checkpoint.
    """
    names = [stage_of(task.name) for task in snapshot.tasks]
    if START in names:  # the input is kept, and nothing more
        return "revision" if snapshot.values.get("published") else "reading"
    return min((cast(Stage | RevisionStage, name) for name in names), key=position, default=None)


def request_of(snapshot: StateSnapshot) -> ApprovalRequest | None:
    """What a person is asked at the gate where the run waits; None if it waits at none."""
    interrupts = [interrupt for task in snapshot.tasks for interrupt in task.interrupts]
    return ApprovalRequest.model_validate(interrupts[0].value) if interrupts else None


def failed(run: str, error: PapercoderError, totals: Totals) -> RunFailed:
    next_step = error.next_step.replace("resume RUN", f"resume {run}")
    return RunFailed(run=run, cause=error.cause, next_step=next_step, exit_code=error.exit_code, totals=totals)
