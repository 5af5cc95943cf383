"""What is known of a run while it goes on, gathered from its events."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

from papercoder.cli.names import EVALUATION_STAGES, STAGES
from state.events import (
    ApprovalNeeded,
    CallFinished,
    CallRecalled,
    CallStarted,
    Event,
    FileFinished,
    Reviewed,
    Revised,
    RunFailed,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    StepTaken,
    Waiting,
)
from state.ledger import Totals
from state.revision import Revision

StageStatus = Literal["to come", "running", "done", "earlier", "left out", "failed", "stopped"]

REPEAT_AFTER = 30.0  # seconds before a wait for the same reason is worth another line
WITHIN = {
    "coding": {"analysis": "analyst", "coding": "coder"},
    "revision": {"testing": "tester", "analysis": "analyst", "coding": "coder"},
}
"""Stage → whose files it works on, and their authors."""
_STOPS = {4, 10, 130}  # exit codes of runs that stopped rather than failed


@dataclass
class StageProgress:
    """One line of the checklist."""

    name: str
    status: StageStatus = "to come"
    summary: str = ""
    doing: str = ""  # what is at work where no model is
    files: int = 0
    finished: set[str] = field(default_factory=set)
    started: float = 0.0
    seconds: float = 0.0

    @property
    def of_files(self) -> str:
        """`17/40`; empty for a stage that does not work on files."""
        return f"{len(self.finished)}/{max(self.files, len(self.finished))}" if self.files or self.finished else ""


@dataclass(frozen=True)
class InFlight:
    """A call that has been sent and not been answered."""

    stage: str
    file: str
    role: str
    attempt: int


class Progress:
    """Updated by the event loop and drawn by another thread, hence the lock."""

    def __init__(
        self, until: str | None = None, *, kept: bool = True, server: str = "",
        now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.server = server  # the address of the one that does the work; empty: this process does
        self.kept = kept  # whether the run can be looked at, or resumed, later
        last = STAGES.index(until) + 1 if until else len(STAGES)
        self.stages = {name: StageProgress(name) for name in STAGES[:last]}
        self.lock = threading.RLock()
        self.now = now
        self.began = now()
        self.run = ""
        self.started: RunStarted | None = None
        self.ended: RunFinished | RunFailed | ApprovalNeeded | None = None
        self.totals = Totals()
        self.recalled = 0
        self.open: dict[str, tuple[str, ...]] = {}  # what reviews left to mend, by stage, or stage of file
        self._scores: dict[int, float] = {}
        self.coverage: float | None = None  # share of the requirements that the kept code meets
        self.revision: Revision | None = None
        self.in_flight: dict[tuple[str, str, str, int], InFlight] = {}
        self._waiting: dict[tuple[str, str], float] = {}
        self._announced: dict[str, float] = {}

    @property
    def elapsed(self) -> float:
        return self.now() - self.began

    @property
    def waiting(self) -> int:
        """How many calls wait before they are repeated."""
        return sum(until > self.now() for until in self._waiting.values())

    def files_in_flight(self, stage: str) -> list[str]:
        """Files whose calls are under way; with the role where it is not the author's."""
        authors = WITHIN.get(stage, {stage: None})
        calls = [call for call in self.in_flight.values() if call.stage in authors and call.file]
        return list(dict.fromkeys(_named(call, authors[call.stage]) for call in calls))

    def is_news(self, wait: Waiting) -> bool:
        """Whether this reason for waiting has not been told lately: a rate limit can hit a hundred calls at once."""
        told = self._announced.get(wait.reason)
        if told is not None and self.now() - told < REPEAT_AFTER:
            return False
        self._announced[wait.reason] = self.now()
        return True

    def apply(self, event: Event) -> None:
        """Take in one event."""
        with self.lock:
            self._apply(event)

    def _apply(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.run, self.started, self.totals = event.run, event, event.totals
                self._expect(event.stages)
            case StageStarted():
                self._begin(event)
            case StageFinished():
                self._finish(event)
            case FileFinished():
                self._stage(event.stage).finished.add(event.file)
            case CallStarted() | CallFinished() | Waiting():
                self._call(event)
            case CallRecalled():
                self.recalled += 1
            case StepTaken():
                self._stage(event.stage).doing = f"run {event.attempt}: {event.words or event.step}"
            case Revised(revision=revision):
                self.revision = revision
            case Reviewed():
                self._review(event)
            case RunFinished() | RunFailed() | ApprovalNeeded():
                self._end(event)

    def _expect(self, stages: tuple[str, ...]) -> None:
        """Evaluations and revisions go through other stages than a run that makes a repository."""
        if stages != STAGES:
            self.stages = {name: self.stages.get(name, StageProgress(name)) for name in stages}

    def _call(self, event: CallStarted | CallFinished | Waiting) -> None:
        match event:
            case CallStarted(stage=stage, file=file, role=role, sample=sample, attempt=attempt):
                self.in_flight[stage, file, role, sample] = InFlight(stage, file, role, attempt)
                self._waiting.pop((stage, file), None)
            case CallFinished(entry=entry, totals=totals):
                self.in_flight.pop((entry.stage, entry.file, entry.role, entry.sample), None)
                self.totals = totals
            case Waiting(stage=stage, file=file, seconds=seconds):
                self._waiting[stage, file] = self.now() + seconds

    def _review(self, event: Reviewed) -> None:
        if event.score is not None:  # what is open then are the requirements that the share says are not met
            self._scores[event.version] = event.score
            self.coverage = self._scores.get(event.kept)
        elif event.open:
            self.open[f"{event.stage} of {event.file}" if event.file else event.stage] = event.open

    def _stage(self, name: str) -> StageProgress:
        return self.stages.setdefault(name, StageProgress(name))

    def _begin(self, event: StageStarted) -> None:
        stage = self._stage(event.stage)
        stage.status, stage.files, stage.started = "running", event.files, self.now()
        for name in takewhile(lambda name: name != event.stage, self.stages):
            if self._stage(name).status == "to come":  # a resumed run says nothing of stages it had finished
                self._stage(name).status = "left out" if self.evaluates else "earlier"

    @property
    def evaluates(self) -> bool:
        """What is followed judges a repository, and makes none."""
        return self.started is not None and self.started.stages == EVALUATION_STAGES

    @property
    def report(self) -> str:
        """The folder of an evaluation's report, once it is written."""
        published = self.ended.published if isinstance(self.ended, RunFinished) else None
        return published.folder if published and self.evaluates else ""

    def _finish(self, event: StageFinished) -> None:
        stage = self._stage(event.stage)
        stage.seconds = self.now() - stage.started if stage.started else 0.0
        stage.status, stage.summary = "done", event.summary

    def _end(self, event: RunFinished | RunFailed | ApprovalNeeded) -> None:
        self.ended, self.totals, self.run = event, event.totals, event.run or self.run
        self.in_flight.clear()
        self.halt("failed" if isinstance(event, RunFailed) and event.exit_code not in _STOPS else "stopped")

    def go_on(self) -> None:
        """The run is about to be resumed in this process."""
        with self.lock:
            self.ended = None

    def halt(self, status: Literal["failed", "stopped"]) -> None:
        """No stage is at work any more."""
        with self.lock:
            self._waiting.clear()
            for stage in self.stages.values():
                if stage.status == "running":
                    stage.status, stage.seconds = status, self.now() - stage.started


def _named(call: InFlight, author: str | None) -> str:
    return call.file if author in (None, call.role) else f"{call.file} ({call.role})"
