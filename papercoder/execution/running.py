"""Running a generated repository: install, import, tests, smoke run, `reproduce.sh`, each in the sandbox."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from papercoder.execution.failures import Judge
from papercoder.execution.importing import Imports
from papercoder.execution.installs import install_failure
from papercoder.execution.repository import Repository
from papercoder.execution.testing import COMMAND, tests_step
from papercoder.execution.tracebacks import Reader
from papercoder.sandbox import Access, InstallError, Limits, RunReport, Sandbox, SandboxFailed, create_environment
from state.execution import STEPS, ExecutionReport, Failure, Mode, Step, StepReport

SMOKE = "--smoke"
SCRIPT = "reproduce.sh"
REQUIREMENTS = "requirements.txt"
SEEN_AS = "/repository"  # by a command in a sandbox with a file system of its own
TAIL_CHARACTERS = 8000
OUTPUT_BYTES = 2_000_000  # of which the end is kept: enough for the tracebacks of many tests
BLOCKING: tuple[Step, ...] = ("install", "import")
"""Where one of them fails, those behind it would fail of the same cause, and are not tried."""

SECONDS: Mapping[tuple[Mode, Step], float] = {
    ("smoke", "import"): 300,
    ("smoke", "tests"): 900,
    ("smoke", "smoke"): 600,
    ("smoke", "reproduce"): 900,
    ("full", "import"): 300,
    ("full", "tests"): 900,
    ("full", "reproduce"): 24 * 3600,
}
"""Wall clock that a step may take, if nothing else is said."""


@dataclass(frozen=True)
class Order:
    """What is to be done, and with what."""

    mode: Mode = "smoke"
    steps: Sequence[Step] = ()  # of the mode's, those to take; empty: all
    seconds: float | None = None  # wall clock of each step but the installation; None: as `SECONDS` says
    limits: Limits = field(default_factory=lambda: Limits(cpu_seconds=24 * 3600, output_bytes=OUTPUT_BYTES))
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def wanted(self) -> list[Step]:
        return [step for step in STEPS[self.mode] if not self.steps or step in self.steps]


def execute(
    repository: Path,
    *,
    sandbox: Sandbox,
    environments: Path,
    order: Order | None = None,
    logs: Path | None = None,
    log: Callable[[str], None] = lambda _: None,
    on_step: Callable[[StepReport], None] = lambda _: None,
) -> ExecutionReport:
    """Take the steps in their order.  Whatever a program does ends in the report; nothing of it is raised.

    What each step prints goes to a file in the folder ``logs``, which must be out of the program's reach.
    """
    execution = Execution(Repository(repository.resolve()), sandbox, environments, order or Order(), log)
    steps: list[StepReport] = []
    blocked = ""
    for step in execution.order.wanted:
        report = StepReport(step=step, skipped=blocked) if blocked else execution.take(step)
        if report.failures and step in BLOCKING:
            blocked = f"{step} failed"
        report = _cut(report, logs)
        steps.append(report)
        on_step(report)
    return ExecutionReport(mode=execution.order.mode, containment=sandbox.name, steps=tuple(steps))


def _cut(report: StepReport, logs: Path | None) -> StepReport:
    """With the end of the output, and a file with more of it."""
    changes = {"output_tail": report.output_tail[-TAIL_CHARACTERS:]}
    if logs and report.output_tail:
        logs.mkdir(parents=True, exist_ok=True)
        file = logs / f"{report.step}.log"
        file.write_text(report.output_tail, encoding="utf-8")
        changes["log"] = str(file)
    return report.model_copy(update=changes)


@dataclass
class Execution:
    repository: Repository
    sandbox: Sandbox
    environments: Path
    order: Order
    log: Callable[[str], None]
    environment: Path | None = None

    def take(self, step: Step) -> StepReport:
        """One step; a sandbox that does not start is the step's failure."""
        self.log(f"{step} …")
        taken: dict[Step, Callable[[], StepReport]] = {
            "install": self._install,
            "import": self._import,
            "tests": self._tests,
            "smoke": self._smoke,
            "reproduce": self._reproduce,
        }
        try:
            return taken[step]()
        except SandboxFailed as error:
            return StepReport(step=step, failures=(Failure(kind="sandbox", message=str(error)),))

    def _install(self) -> StepReport:
        requirements = self.repository.text(REQUIREMENTS)
        if not requirements and REQUIREMENTS not in self.repository.files:
            missing = Failure(kind="not there", message="there is no requirements.txt", file=REQUIREMENTS)
            return StepReport(step="install", failures=(missing,))
        try:
            self._prepare(requirements)
        except InstallError as error:
            failure = install_failure(error, requirements)
            return StepReport(step="install", output_tail=str(error), failures=(failure,))
        return StepReport(step="install", detail=f"environment {self.environment and self.environment.name}")

    def _prepare(self, requirements: str) -> None:
        also = ["pytest"] if self.repository.has_tests and "tests" in self.order.wanted else []
        self.environment = create_environment(
            requirements, self.environments, sandbox=self.sandbox, log=self.log, also=also
        )

    def _import(self) -> StepReport:
        modules = self.repository.modules
        if not modules:
            missing = Failure(kind="not there", message="there is no Python module in the repository")
            return StepReport(step="import", failures=(missing,))
        return Imports(lambda command: self._run("import", command), self._judge()).step(modules)

    def _tests(self) -> StepReport:
        if not self.repository.has_tests:
            return StepReport(step="tests", skipped="there are no tests")
        return tests_step(self._run("tests", COMMAND), self._judge())

    def _smoke(self) -> StepReport:
        entry = self.repository.entry_point
        if not entry:
            return StepReport(step="smoke", skipped="no entry point is known")
        if SMOKE not in self.repository.text(entry):
            return StepReport(step="smoke", skipped=f"{entry} has no {SMOKE}")
        return self._judged("smoke", ["python", entry, SMOKE])

    def _reproduce(self) -> StepReport:
        script = self.repository.text(SCRIPT)
        if not script:
            missing = Failure(kind="not there", message=f"there is no {SCRIPT}", file=SCRIPT)
            return StepReport(step="reproduce", failures=(missing,))
        if self.order.mode == "full":
            return self._judged("reproduce", ["bash", SCRIPT])
        if SMOKE not in script and '"$@"' not in script:
            return StepReport(step="reproduce", skipped=f"{SCRIPT} has no {SMOKE}")
        return self._judged("reproduce", ["bash", SCRIPT, SMOKE])

    def _judged(self, step: Step, command: Sequence[str]) -> StepReport:
        report = self._run(step, command)
        return StepReport(
            step=step,
            command=report.command,
            exit_code=report.exit_code,
            seconds=report.seconds,
            stopped=report.stopped,
            output_tail=report.output,
            failures=(self._judge().of_run(report),) if report.exit_code or report.limit else (),
        )

    def _run(self, step: Step, command: Sequence[str]) -> RunReport:
        seconds = self.order.seconds or SECONDS[self.order.mode, step]
        return self.sandbox.run(
            command,
            workdir=self.repository.folder,
            limits=self.order.limits.model_copy(update={"wall_seconds": seconds}),
            environment=self._ready(),
            access=Access(variables=self.order.variables),
        )

    def _ready(self) -> Path:
        """The environment, also where the step that makes it was not asked for."""
        if self.environment is None:
            try:
                self._prepare(self.repository.text(REQUIREMENTS))
            except InstallError as error:
                raise SandboxFailed(f"the environment could not be made: {error}") from error
        assert self.environment
        return self.environment

    def _judge(self) -> Judge:
        folder = self.repository.folder
        return Judge(Reader((SEEN_AS, str(folder)), self.repository.files), self.repository.top_names)
