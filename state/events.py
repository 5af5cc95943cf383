"""What happens during a run, as the terminal, `--json` and Studio's custom stream see it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from state.context import STAGES, AnyStage, Stage
from state.critique import Critique
from state.estimate import Estimate
from state.ledger import LedgerEntry, Totals
from state.published import Published
from state.review import SEVERITIES, ApprovalRequest
from state.revision import Revision


class RunEvent(BaseModel):
    model_config = ConfigDict(frozen=True)


class RunStarted(RunEvent):
    kind: Literal["run_started"] = "run_started"
    run: str
    model: str
    output: str
    resumed: bool = False
    totals: Totals = Totals()
    notes: tuple[str, ...] = ()  # what changed since the run was last worked on
    stages: tuple[str, ...] = STAGES  # what it goes through, in this order


class StageStarted(RunEvent):
    kind: Literal["stage_started"] = "stage_started"
    stage: AnyStage
    files: int = 0  # how many files the stage works on, if it works on files
    of: Literal["files", "answers"] = "files"  # an evaluation's stages go through answers of the judge


class StageFinished(RunEvent):
    kind: Literal["stage_finished"] = "stage_finished"
    stage: AnyStage
    summary: str = ""


class CallStarted(RunEvent):
    kind: Literal["call_started"] = "call_started"
    stage: str
    file: str = ""
    role: str
    sample: int = 0
    attempt: int = 1


class CallFinished(RunEvent):
    """A call was answered or failed; `totals` are the run's so far."""

    kind: Literal["call_finished"] = "call_finished"
    entry: LedgerEntry
    totals: Totals


class CallRecalled(RunEvent):
    """The answer was in the journal: nothing was sent and nothing paid."""

    kind: Literal["call_recalled"] = "call_recalled"
    stage: str
    file: str = ""


class FileFinished(RunEvent):
    kind: Literal["file_finished"] = "file_finished"
    stage: AnyStage
    file: str


class Reviewed(RunEvent):
    """A version of an artifact was reviewed; `version` counts from 1."""

    kind: Literal["reviewed"] = "reviewed"
    stage: str
    file: str = ""
    version: int
    high: int
    medium: int
    low: int
    score: float | None = None  # share of the requirements that are met
    kept: int = 1  # the best version so far
    reviewed: bool = False  # by a critic or an assessor, not by checks alone
    outcome: str  # why the loop ended, or "revising"
    open: tuple[str, ...] = ()  # at the end: what the kept version still has
    note: str = ""

    @classmethod
    def of(cls, stage: str, file: str, critique: Critique) -> "Reviewed":
        last = critique.versions[-1]
        counts = {severity: sum(f.severity == severity for f in last.findings) for severity in SEVERITIES}
        return cls(
            stage=stage,
            file=file,
            version=len(critique.versions),
            score=last.score,
            kept=critique.best + 1,
            reviewed=last.reviewed,
            outcome=critique.ended or "revising",
            open=tuple(finding.problem.partition("\n")[0] for finding in critique.open) if critique.ended else (),
            note=last.note,
            **counts,
        )


Outcome = Literal["at work", "passed", "failed", "not run"]


class StepTaken(RunEvent):
    """A step of running the generated repository has begun, goes on, or is over; `attempt` counts from 1."""

    kind: Literal["step_taken"] = "step_taken"
    stage: AnyStage
    attempt: int
    step: str
    outcome: Outcome
    words: str = ""


class Revised(RunEvent):
    """What the reviser made of a remark."""

    kind: Literal["revised"] = "revised"
    revision: Revision


class Waiting(RunEvent):
    """A request failed and will be repeated."""

    kind: Literal["waiting"] = "waiting"
    stage: str
    file: str = ""
    reason: str
    seconds: float


class Warned(RunEvent):
    kind: Literal["warned"] = "warned"
    text: str


class Estimated(RunEvent):
    """The paper has been read: this is what the run is likely to take."""

    kind: Literal["estimated"] = "estimated"
    estimate: Estimate


class RunFinished(RunEvent):
    kind: Literal["run_finished"] = "run_finished"
    run: str
    published: Published | None  # None: the run stopped before publication, as asked
    stopped_after: Stage | None = None
    totals: Totals


class ApprovalNeeded(RunEvent):
    """The run waits at a gate for a person's answer; nothing is at work until it comes."""

    kind: Literal["approval_needed"] = "approval_needed"
    run: str
    request: ApprovalRequest
    totals: Totals


class RunFailed(RunEvent):
    kind: Literal["run_failed"] = "run_failed"
    run: str
    cause: str
    next_step: str
    exit_code: int
    totals: Totals


Event = Annotated[
    RunStarted
    | StageStarted
    | StageFinished
    | CallStarted
    | CallFinished
    | CallRecalled
    | FileFinished
    | Reviewed
    | StepTaken
    | Revised
    | Waiting
    | Warned
    | Estimated
    | RunFinished
    | ApprovalNeeded
    | RunFailed,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
