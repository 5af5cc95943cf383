"""Reading what pytest printed."""

import re

from papercoder.execution.failures import Judge
from papercoder.execution.repository import TESTS
from papercoder.execution.tracebacks import HEAD
from papercoder.sandbox import RunReport
from state.execution import Failure, StepReport

COMMAND = (
    *("python", "-m", "pytest", "-q", "--tb=native", "--color=no", "-rfE", "-p", "no:cacheprovider"),
    "--continue-on-collection-errors",
    *("-o", "faulthandler_timeout=60"),  # says where a test hangs, before the clock ends it
)
NO_TESTS = 5
TITLE = re.compile(r"^_+(?:(?<=___) |(?= .{60,}$) )(?:ERROR (?:collecting|at \w+ of) )?(\S.*?) _+$", re.MULTILINE)
"""A name that is nearly as long as the line leaves room for one underscore on each side."""
END = re.compile(r"^(?:={3,} .*={3,}|-{3,} Captured .*-{3,}|(?:FAILED|ERROR) \S.*)$", re.MULTILINE)
COUNTS = re.compile(r"^=* ?(\d+ [\w ,]+) in [\d.]+s", re.MULTILINE)
SHORT_FRAME = re.compile(r"^(\S+\.py):(\d+): in (.+)$", re.MULTILINE)
SHORT_ERROR = re.compile(r"^E   (?! )", re.MULTILINE)
MAX_FAILURES = 50
OF_ITS_OWN = {"crash", "test failure"}


def tests_step(report: RunReport, judge: Judge) -> StepReport:
    """One failure a test that failed, with its traceback."""
    counts = COUNTS.search(report.output)
    return StepReport(
        step="tests",
        command=report.command,
        exit_code=report.exit_code,
        seconds=report.seconds,
        stopped=report.stopped,
        output_tail=report.output,
        failures=tuple(_failures(report, judge)) if report.exit_code not in (0, NO_TESTS) else (),
        skipped="pytest found no tests" if report.exit_code == NO_TESTS else "",
        detail=counts[1].strip() if counts else "",
    )


def _failures(report: RunReport, judge: Judge) -> list[Failure]:
    found = [_failure(title, text, judge) for title, text in _sections(report.output)][:MAX_FAILURES]
    if found and not report.limit:
        return found
    hanging = (place.file for place in judge.reader.hanging(report.output) if TESTS.search(place.file))
    return [*found, judge.of_run(report).model_copy(update={"test": next(hanging, "")})]


def _sections(output: str) -> list[tuple[str, str]]:
    """Title and traceback of each test that failed; what the test printed is left out."""
    titles = list(TITLE.finditer(output))
    ends = [*(title.start() for title in titles[1:]), len(output)][: len(titles)]
    return [(title[1], _up_to_end(output[title.end() : end])) for title, end in zip(titles, ends, strict=True)]


def _up_to_end(text: str) -> str:
    end = END.search(text)
    return text[: end.start()] if end else text


def _failure(test: str, text: str, judge: Judge) -> Failure:
    native = _native(text)
    failure = judge.of_text(native).model_copy(update={"test": _named(test, native, judge)})
    if failure.kind in OF_ITS_OWN:
        return failure.model_copy(update={"kind": "test failure", "subject": test})
    return failure.model_copy(update={"message": f"{failure.message} (in {test})"})


def _named(test: str, text: str, judge: Judge) -> str:
    """With its file, which pytest does not head the traceback with."""
    if TESTS.search(test):  # a file that cannot be imported
        return test
    file = next((path for path in judge.reader.own_files(text) if TESTS.search(path)), "")
    name, bracket, parameters = test.partition("[")
    return f"{file}::{name.replace('.', '::')}{bracket}{parameters}" if file else ""


def _native(text: str) -> str:
    """What pytest says of a file that it cannot import has a form of its own."""
    first = SHORT_FRAME.search(text)
    if not (first and SHORT_ERROR.search(text)):
        return text
    frames = SHORT_FRAME.sub(r'  File "\1", line \2, in \3', text[first.start() :])
    return f"{HEAD}\n{SHORT_ERROR.sub('', frames)}"
