"""Running the repository for a stage: in a sandbox, once for the same files, its report kept with the run."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from langgraph.runtime import Runtime

from agents.events import emit_event
from agents.model import once
from papercoder.execution import Order, execute
from papercoder.execution.folders import folder_with
from papercoder.execution.stable import stable
from papercoder.sandbox import SandboxUnavailable, find_sandbox, stopping_at
from papercoder.storage.process import home_folder
from state.context import AnyStage, Context
from state.events import Outcome, StepTaken
from state.execution import ExecutionReport, Failure, StepReport

T = TypeVar("T")
Tell = Callable[[str, Outcome, str], None]
"""Step, what came of it, in words."""

SECONDS = 300.0
"""Wall clock of each step: a smoke run is meant to take a minute, and a test that hangs must not take the hour."""
GIGABYTES = 4
FORM = "1"
"""Of what is kept: another number, and nothing that was kept is found."""


def smoke_order() -> Order:
    order = Order(seconds=SECONDS)
    return replace(order, limits=order.limits.model_copy(update={"memory_bytes": GIGABYTES << 30}))


@dataclass
class Runner:
    """Runs files, and counts how often.  `order` says which steps, at which limits.

    The files go over a copy of the folder `base`, if there is one; `rest` is a digest of what else is in it.
    """

    runtime: Runtime[Context]
    stage: AnyStage
    order: Order = field(default_factory=smoke_order)
    base: Path | None = None
    rest: str = ""
    attempts: int = 0

    async def run(self, files: Mapping[str, str]) -> ExecutionReport:
        """The report of running these files, without what differs from machine to machine."""
        self.attempts += 1
        text = await once(self.runtime, self._digest(files), lambda: self._done(files))
        return ExecutionReport.model_validate_json(text)

    def _digest(self, files: Mapping[str, str]) -> str:
        order = {
            "form": FORM, "rest": self.rest, "sandbox": self.runtime.context.sandbox, "steps": list(self.order.wanted),
            "seconds": self.order.seconds, "limits": self.order.limits.model_dump(),
            "variables": dict(self.order.variables),
        }  # fmt: skip
        whole = json.dumps([order, sorted(files.items())]).encode("utf-8", "surrogatepass")
        return f"run of {hashlib.sha256(whole).hexdigest()}"

    async def _done(self, files: Mapping[str, str]) -> tuple[str, bool]:
        """The report as text; it is worth keeping where the code was run, or could not be for its own fault."""
        report = await self._in_thread(files)
        return report.model_dump_json(), not report.impediment

    async def _in_thread(self, files: Mapping[str, str]) -> ExecutionReport:
        loop = asyncio.get_running_loop()
        attempt, emit = self.attempts, self.runtime.stream_writer

        def tell(step: str, outcome: Outcome, words: str) -> None:
            event = StepTaken(stage=self.stage, attempt=attempt, step=step, outcome=outcome, words=words)
            loop.call_soon_threadsafe(emit_event, emit, event)

        return await stoppable(partial(_run, files, self, tell))


async def stoppable(work: Callable[[threading.Event], T]) -> T:
    """What work in a thread gives.  Everything that it started is ended before a cancellation is let through."""
    stop = threading.Event()
    doing = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([doing])
        doing.exception()  # that it was stopped, or what it failed of while it was: nobody waits for it any more
        raise


def _run(files: Mapping[str, str], runner: Runner, tell: Tell, stop: threading.Event) -> ExecutionReport:
    order = runner.order
    with stopping_at(stop):
        try:
            sandbox = find_sandbox(runner.runtime.context.sandbox)
        except SandboxUnavailable as unavailable:
            return _nothing(order, str(unavailable))
        home = home_folder().absolute()
        with folder_with(files, home / "work", runner.base) as folder:
            report = execute(
                folder,
                sandbox=sandbox,
                environments=home / "environments",
                order=order,
                log=lambda line: tell("", "at work", line),
                on_step=lambda step: tell(step.step, *_told(step)),
            )
            return stable(report, [folder, Path("/repository")])


def _nothing(order: Order, cause: str) -> ExecutionReport:
    """Nothing is run where nothing contains it."""
    failure = Failure(kind="sandbox", message=cause)
    steps = [StepReport(step=step, failures=(failure,)) for step in order.wanted]
    return ExecutionReport(mode=order.mode, containment="", steps=tuple(steps))


def _told(step: StepReport) -> tuple[Outcome, str]:
    if step.skipped:
        return "not run", step.skipped
    if step.failure:
        more = f" and {len(step.failures) - 1} more" if len(step.failures) > 1 else ""
        return "failed", f"{step.failure.kind}: {step.failure.message}{more}"
    return "passed", ", ".join(part for part in (step.detail, f"{step.seconds:.1f} s" if step.command else "") if part)
