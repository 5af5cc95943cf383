"""What a run said, without what differs from one run to the next: paths of this machine, addresses, clocks.

Prompts are made of reports: the same failure has to make the same prompt, here and elsewhere.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import gettempdir

from state.execution import ExecutionReport, Failure, StepReport

TAIL_CHARACTERS = 2_000
RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[^\s\"'(]*/site-packages/"), "site-packages/"),
    (re.compile(r"[^\s\"'(]*/lib/python3\.\d+/"), "lib/python3/"),
    (re.compile(r"/tmp/[\w.-]+"), "/tmp/…"),
    (re.compile(r"\b0x(?:[0-9a-fA-F]{6,}\b|[0-9a-fA-F]*\.\.\.)"), "0x…"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?Z?"), "…"),
    (re.compile(r"\b\d+\.\d+ ?(ms|s|secs?|seconds?|it/s|s/it)\b"), r"… \1"),
    (re.compile(r"\b(pid|process|thread)([ =:]+)\d+\b", re.IGNORECASE), r"\1\2…"),
)


def settled(text: str, roots: Iterable[Path] = ()) -> str:
    """A text that a run in one of these folders has made."""
    prefixes = sorted({f"{root}/" for root in (*roots, Path(gettempdir()))}, key=len, reverse=True)
    for prefix in prefixes:
        text = text.replace(prefix, "/tmp/" if prefix == f"{gettempdir()}/" else "")
    for pattern, plain in RULES:
        text = pattern.sub(plain, text)
    return text


def stable(report: ExecutionReport, roots: Iterable[Path]) -> ExecutionReport:
    """The report of a run in one of these folders.  Of the output stays the end, where something failed."""
    folders = tuple(roots)

    def of_failure(failure: Failure) -> Failure:
        words = {name: settled(getattr(failure, name), folders) for name in ("message", "traceback", "subject")}
        return failure.model_copy(update=words)

    def of_step(step: StepReport) -> StepReport:
        return step.model_copy(
            update={
                "output_tail": settled(step.output_tail, folders)[-TAIL_CHARACTERS:] if step.failures else "",
                "failures": tuple(map(of_failure, step.failures)),
                "detail": "" if step.step == "install" else step.detail,
                "log": "",
            }
        )

    return report.model_copy(update={"steps": tuple(map(of_step, report.steps))})
