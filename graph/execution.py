"""A repository that is run and mended: from the state to files, and from attempts to what is told of them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore
from pydantic import TypeAdapter

from agents.context import Material
from agents.editing import Code
from agents.events import emit_event
from agents.executing import Executed
from agents.mendable import Execute, Mendable
from agents.running import Runner
from graph.material import store_of, typed
from graph.progress import end
from graph.refinement import refined
from papercoder.publication import runnable
from papercoder.storage.bodies import get_body, put_body
from state.context import AnyStage, Context
from state.critique import Critique
from state.events import Warned
from state.execution import Attempt, Execution, ExecutionReport, Ruling, Status, StepReport, way_to

ATTEMPTS = TypeAdapter(list[Attempt])


def executes(runtime: Runtime[Context], stage: AnyStage) -> Execute:
    """Runs what would be published, as it would be published."""
    runner = Runner(runtime, stage)

    async def execute(material: Material, code: Code) -> ExecutionReport:
        return await runner.run(await asyncio.to_thread(runnable, material, code))

    return execute


def not_executed(reason: str) -> Execution:
    return Execution(status="not run", reason=reason)


async def until_it_runs(
    runtime: Runtime[Context], repository: Mendable, graph: Any
) -> tuple[Code, Critique, Execution]:
    """The best version, how it came about, and what came of its runs."""
    work = Executed(runtime, repository)
    texts, critique = await refined(graph, work)
    came = await summary(store_of(runtime), work.attempts, critique.best)
    if came.reason:
        emit_event(runtime.stream_writer, Warned(text=f"The code was not run: {came.reason}"))
    end(runtime, "execution", in_words(came))
    return texts, critique, came


async def summary(store: BaseStore, attempts: Sequence[Attempt], kept: int) -> Execution:
    """What is told of the attempts, of which one is kept."""
    report = attempts[kept].report
    wrong = [ruling.wrong for ruling in _last_rulings(attempts)]
    return Execution(
        status=_status(report),
        reason=report.impediment,
        containment=report.containment,
        steps={step.step: _outcome(step) for step in report.steps},
        repairs=len(way_to(attempts, kept)) - 1,
        attempts=len(attempts),
        failing_tests=report.failing_tests,
        code_wrong=wrong.count("code"),
        test_wrong=wrong.count("test"),
        both_wrong=wrong.count("both"),
        history=await put_body(store, ATTEMPTS.dump_json(list(attempts)).decode()),
        kept=kept,
    )


async def attempts_of(state: Mapping[str, Any], store: BaseStore) -> list[Attempt]:
    """All versions that were run, in their order; of which one is the repository."""
    execution = typed(Execution, state.get("execution"))
    if execution is None or execution.history is None:
        return []
    return ATTEMPTS.validate_json(await get_body(store, execution.history))


def _status(report: ExecutionReport) -> Status:
    if report.impediment:
        return "not run"
    return "failed" if report.failures else "passed" if report.passed else "incomplete"


def _last_rulings(attempts: Sequence[Attempt]) -> list[Ruling]:
    """Of each test the last word."""
    return list({ruling.test: ruling for attempt in attempts for ruling in attempt.rulings}.values())


def _outcome(step: StepReport) -> str:
    if step.skipped:
        return f"not run: {step.skipped}"
    return f"failed: {step.failure.kind}" if step.failure else "passed"


def in_words(execution: Execution) -> str:
    """For the line that ends the stage."""
    if execution.status == "not run":
        return f"not run: {execution.reason}"
    repairs = f"{execution.repairs} repair{'s' * (execution.repairs != 1)}"
    went = [step for step, outcome in execution.steps.items() if outcome == "passed"]
    others = [f"{step} {outcome}" for step, outcome in execution.steps.items() if outcome != "passed"]
    wrong = [f"{count} {who}" for who, count in _wrong(execution).items() if count]
    return "; ".join([
        f"{', '.join(went) or 'nothing'} went well in {execution.containment}, after {repairs}",
        *others,
        *([f"failing tests by who was wrong: {', '.join(wrong)}"] if wrong else []),
    ])  # fmt: skip


def _wrong(execution: Execution) -> dict[str, int]:
    return {"code": execution.code_wrong, "test": execution.test_wrong, "both": execution.both_wrong}
