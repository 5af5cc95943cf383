"""What came of running a generated repository, step by step."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from state.body import Body
from state.review import Finding

Step = Literal["install", "import", "tests", "smoke", "reproduce"]
Mode = Literal["smoke", "full"]

STEPS: dict[Mode, tuple[Step, ...]] = {
    "smoke": ("install", "import", "tests", "smoke", "reproduce"),
    "full": ("install", "import", "tests", "reproduce"),
}
"""The steps in their order; `smoke` ends with `reproduce.sh --smoke`, `full` with all of `reproduce.sh`."""

Kind = Literal[
    "package missing",
    "package impossible",
    "installer offline",
    "system package missing",
    "syntax error",
    "import error",
    "test failure",
    "crash",
    "data missing",
    "network",
    "forbidden",
    "timeout",
    "memory",
    "processes",
    "disk",
    "killed",
    "not there",
    "sandbox",
]

FIXES: dict[Kind, str] = {
    "package missing": "Add the package that brings this module to requirements.txt, or do without it.",
    "package impossible": "Correct its name or version in requirements.txt, or use another package.",
    "installer offline": "See that the package index can be reached, then run it again; the code is not at fault.",
    "system package missing": "Use a Python package that brings it along, or do without it: only wheels are installed.",
    "syntax error": "Write valid Python.",
    "import error": "Correct the import, or write what it asks for.",
    "test failure": "Mend the code; or the test, where it asks for what the paper does not say.",
    "crash": "Mend the cause where the traceback points.",
    "data missing": "Make the data, take it from an installed package, or fall back to a small synthetic set.",
    "network": "Nothing is reachable at run time: use data and models that installed packages bring, or make some.",
    "forbidden": "Read and write below the repository's own folder, or in `tempfile.gettempdir()`.",
    "timeout": "Let it do less: smaller data, fewer steps; and no work while a module is imported.",
    "memory": "Let it use less memory: smaller data, smaller batches.",
    "processes": "Start fewer processes and threads.",
    "disk": "Write less to disk.",
    "killed": "Find what ends the process from outside Python: a native library, or a call to exit or kill.",
    "not there": "Write what is missing.",
    "sandbox": "`papercoder doctor` shows what this machine has; the code is not at fault.",
}

NOT_THE_CODE: tuple[Kind, ...] = ("installer offline", "sandbox")
"""What no edit of the repository mends."""


class ExecutionModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Failure(ExecutionModel):
    """One thing that went wrong, with the place in the repository's own files nearest to it."""

    kind: Kind
    message: str = Field(description="The exception's line, or what was stopped and why.")
    file: str = Field("", description="Relative to the repository; empty if no frame is in it.")
    line: int = 0
    traceback: str = Field("", description="The frames in the repository's files, the raising one, the exception.")
    subject: str = Field("", description="The package, module, test, path or program it is about.")
    test: str = Field("", description="The test that failed, as `tests/test_model.py::test_shape`.")

    @property
    def test_file(self) -> str:
        return self.test.partition("::")[0]

    @property
    def finding(self) -> Finding:
        return Finding(
            severity="high",
            problem=f"{self.kind}: {self.message}" + (f"\n{self.traceback}" if self.traceback else ""),
            fix=FIXES[self.kind],
            rule=f"execution-{self.kind.replace(' ', '-')}",
            location=self.test or self.subject,
            file=self.file,
            line=self.line,
        )


class StepReport(ExecutionModel):
    """A step that ran, or why it did not."""

    step: Step
    command: tuple[str, ...] = ()
    exit_code: int | None = Field(None, description="As a shell gives it; None if nothing was run.")
    seconds: float = 0.0
    stopped: str = Field("", description="The limit at which it was killed, as a sentence.")
    output_tail: str = ""
    log: str = Field("", description="The file with all that was printed, as far as it was kept.")
    failures: tuple[Failure, ...] = ()
    skipped: str = Field("", description="Why it did not run.  A step that did not run has not succeeded.")
    detail: str = Field("", description="What it did, in a few words: `7 modules`, `12 passed`.")

    @property
    def failure(self) -> Failure | None:
        """The first one, which the others may follow from."""
        return self.failures[0] if self.failures else None

    @property
    def passed(self) -> bool:
        return not (self.failures or self.skipped)


class ExecutionReport(ExecutionModel):
    """All steps of a run, in their order; steps that were not asked for are not among them."""

    mode: Mode
    containment: str
    steps: tuple[StepReport, ...] = ()

    @property
    def passed(self) -> bool:
        """Every step ran and none failed."""
        return bool(self.steps) and all(step.passed for step in self.steps)

    @property
    def failures(self) -> tuple[Failure, ...]:
        return tuple(failure for step in self.steps for failure in step.failures)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the repository's author has to mend; each place once."""
        found = [failure.finding for failure in self.failures if failure.kind not in NOT_THE_CODE]
        return tuple({(f.rule, f.file, f.line, f.problem): f for f in found}.values())

    @property
    def impediment(self) -> str:
        """Why nothing can be said of the code: no edit mends it.  Empty where the code was run."""
        return next((f"{f.kind}: {f.message}" for f in self.failures if f.kind in NOT_THE_CODE), "")

    @property
    def reached(self) -> int:
        """How many steps went well."""
        return sum(step.passed for step in self.steps)

    @property
    def failing_tests(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(failure.test for failure in self.failures if failure.test))


Fault = Literal["code", "test", "both"]


class Ruling(ExecutionModel):
    """Who is wrong where a test that was written from the paper fails."""

    test: str = Field(description="As `tests/test_model.py::test_shape`.")
    wrong: Fault
    reason: str
    source: tuple[str, ...] = Field((), description="The passages of the paper that decide it.")
    code_change: str = Field("", description="What to change in the code.")
    test_change: str = Field("", description="What to change in the test.")
    file: str = Field("", description="The file of the code to mend.")


class Attempt(ExecutionModel):
    """One version of the repository that was run."""

    stage: str = Field("execution", description="The stage that ran it.")
    parent: int | None = Field(None, description="The attempt that it was made of; None: the first.")
    changed: dict[str, str] = Field({}, description="The files in which it differs from that, as they were here.")
    before: dict[str, str] = Field({}, description="The same files as they were there, without those that are new.")
    report: ExecutionReport
    checks: tuple[Finding, ...] = Field((), description="What checks find that the first version did not have.")
    rulings: tuple[Ruling, ...] = Field((), description="Who was wrong where its tests failed, as far as it was asked.")


def way_to(attempts: Sequence[Attempt], kept: int) -> list[int]:
    """The positions of those that the kept one was made of, from the first, and its own."""
    way = [kept]
    while (parent := attempts[way[0]].parent) is not None:
        way.insert(0, parent)
    return way


Status = Literal["passed", "incomplete", "failed", "not run"]
"""Incomplete: nothing failed, but some step had nothing to run."""


class Execution(ExecutionModel):
    """How the repository ran in the end, and how that came about."""

    status: Status
    reason: str = Field("", description="Why it was not run.")
    containment: str = ""
    steps: dict[str, str] = Field({}, description="Step → what came of it.")
    repairs: int = Field(0, description="How often it was mended, as it is kept.")
    attempts: int = Field(0, description="How many versions were run.")
    failing_tests: tuple[str, ...] = ()
    code_wrong: int = Field(0, description="Failing tests that were right.")
    test_wrong: int = Field(0, description="Failing tests that were wrong.")
    both_wrong: int = Field(0, description="Failing tests that were wrong, of code that was wrong, too.")
    history: Body | None = Field(None, description="All attempts.")
    kept: int = Field(0, description="Which of them is the repository, counted from 0.")
