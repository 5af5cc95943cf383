"""Importing every module, so that a mistake in one is seen before the experiments get there."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from papercoder.execution.failures import Judge
from papercoder.sandbox import RunReport
from state.execution import Failure, StepReport

DRIVER = """
import importlib, json, os, sys, traceback

mark, *paths = sys.argv[1:]
words = os.fdopen(os.dup(1), "w")  # the modules may do with theirs what they like

def say(**facts):
    words.write("\\n" + mark + json.dumps(facts) + "\\n")
    words.flush()

def attempt(path):
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        folder = holder(path, (error.name or "").partition(".")[0])
        if not folder:
            raise
        sys.path.insert(0, os.path.abspath(folder))  # it is written for programs that are started there
        importlib.import_module(name[len(folder) + 1:])

def holder(path, wanted):
    folder = os.path.dirname(path)
    while folder and wanted:
        if os.path.exists(f"{folder}/{wanted}.py") or os.path.isdir(f"{folder}/{wanted}"):
            return folder
        folder = os.path.dirname(folder)

for path in paths:
    say(begun=path)
    sys.argv = [path]
    try:
        attempt(path)
    except BaseException:
        say(failed=path, traceback=traceback.format_exc()[-20000:])
    else:
        say(imported=path)
"""

FACTS = TypeAdapter(dict[str, str])

Run = Callable[[Sequence[str]], RunReport]


@dataclass
class Imports:
    """What is known so far.  A module that takes the interpreter down costs a new one for the rest."""

    run: Run
    judge: Judge
    imported: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    stopped: str = ""
    output: str = ""
    exit_code: int = 0

    def step(self, paths: Sequence[str]) -> StepReport:
        """All of them, each failing on its own."""
        waiting = list(paths)
        while waiting:
            begun = self._attempt(waiting)
            if not begun:
                break
            waiting = waiting[waiting.index(begun) + 1 :]
        return StepReport(
            step="import",
            command=("python", "-c", "import …", *paths),
            exit_code=self.exit_code,
            seconds=self.seconds,
            stopped=self.stopped,
            output_tail=self.output,
            failures=tuple(self.failures),
            detail=f"{len(self.imported)} of {len(paths)} modules",
        )

    def _attempt(self, paths: Sequence[str]) -> str:
        """The module that ended the interpreter, if one did."""
        mark = f"papercoder-{uuid4().hex}:"
        report = self.run(["python", "-c", DRIVER, mark, *paths])
        self.seconds += report.seconds
        self.stopped = self.stopped or report.stopped
        self.exit_code = self.exit_code or report.exit_code
        printed = "".join(f"{line}\n" for line in report.output.splitlines() if mark not in line and line.strip())
        self.output += printed
        begun = ""
        for facts in _said(report.output, mark):
            begun = facts.get("begun", begun)
            if path := facts.get("imported", facts.get("failed")):
                begun = ""
                self._note(path, facts.get("traceback", ""))
        if begun or report.exit_code:
            self._ended(begun, report.model_copy(update={"output": printed}))
        return begun

    def _note(self, path: str, traceback: str) -> None:
        if not traceback:
            self.imported.append(path)
            return
        failure = self.judge.of_text(traceback)
        if failure.subject == "SystemExit":
            message = "ends the program while it is imported"
            failure = failure.model_copy(update={"message": f"{path} {message} ({failure.message})"})
        self.failures.append(failure if failure.file else failure.model_copy(update={"file": path}))

    def _ended(self, begun: str, report: RunReport) -> None:
        failure = self.judge.of_run(report)
        where = f"while {begun} was imported: " if begun else ""
        place = {} if failure.file else {"file": begun}
        self.failures.append(failure.model_copy(update={"message": where + failure.message, **place}))


def _said(output: str, mark: str) -> Iterator[dict[str, str]]:
    """What the driver reports; a module that forges or breaks its lines is not believed."""
    for line in output.splitlines():
        _, found, facts = line.partition(mark)
        if found:
            with contextlib.suppress(ValidationError):
                yield FACTS.validate_json(facts)
