"""The demo: a small paper of our own, recorded answers in the model's place, and the repository run for real."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from papercoder.execution import Order, execute
from papercoder.provenance import traced
from papercoder.publication.measured import write_results
from papercoder.results import Comparison, Provenance, compare, read_results
from papercoder.runs import open_home
from papercoder.sandbox import Limits, SandboxUnavailable, find_sandbox
from state.context import Context
from state.errors import ExecutionError, InputError
from state.events import Event
from state.execution import FIXES, ExecutionReport
from state.plan import Plan

ORDER = Order(
    mode="full",
    steps=("install", "import", "tests", "reproduce"),
    seconds=900,
    limits=Limits(memory_bytes=4 << 30),
    # For matrices as small as the demo's, threads that wait for each other take longer than one alone.
    variables={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
)


def examples() -> Path:
    """The folder with the paper and the recordings: in a checkout, or inside the installed package."""
    for folder in (Path(__file__).parents[1] / "examples", Path(__file__).parent / "examples"):
        if (folder / "paper" / "paper.pdf").is_file():
            return folder
    raise InputError("The demo's paper is not installed.", "Run the demo from a checkout of the repository.")


def demo(output: Path, home: Path, on_event: Callable[[Event], None]) -> None:
    """Make the repository from the example paper, with recorded answers.  An existing `output` is replaced."""
    asyncio.run(_make(output, home, on_event))


async def _make(output: Path, home: Path, on_event: Callable[[Event], None]) -> None:
    folder = examples()
    context = Context(model=f"replay:{folder / 'recordings'}", framework="numpy and scikit-learn", allow_drift=True)
    async with open_home(home) as runs:
        async for event in runs.start(folder / "paper" / "paper.pdf", output, context, force=True):
            on_event(event)


def run_repository(repository: Path, environments: Path, logs: Path, log: Callable[[str], None]) -> ExecutionReport:
    """Install what the repository needs, run its tests and its `reproduce.sh` in the strongest sandbox there is.

    A test that fails is told with the others; whatever else fails is an `ExecutionError`.
    """
    try:
        sandbox = find_sandbox()
    except SandboxUnavailable as error:
        raise ExecutionError(str(error), "`papercoder doctor` shows what this machine has.") from error
    log(f"running tests and reproduce.sh in {sandbox.name}: no network, no home, {ORDER.seconds:.0f} s at most")
    report = execute(repository, sandbox=sandbox, environments=environments, order=ORDER, log=log, logs=logs)
    if failure := next((failure for failure in report.failures if failure.kind != "test failure"), None):
        raise ExecutionError(f"{failure.kind}: {failure.message}\n{failure.traceback}".strip(), FIXES[failure.kind])
    return report


def tests_from_the_paper(repository: Path, report: ExecutionReport) -> tuple[int, int]:
    """How many of them passed, and how many there are."""
    file = repository / ".papercoder" / "tests.json"
    written: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    failed = {failure.test.partition("[")[0] for failure in report.failures}
    return len(written.keys() - failed), len(written)


def comparisons(repository: Path) -> list[Comparison]:
    """The numbers of the paper's results table beside the measured ones; refuses a plan that left some of them out."""
    stated = _stated()
    plan = Plan.model_validate_json((repository / ".papercoder" / "plan.json").read_text(encoding="utf-8"))
    planned = Counter((result.value, result.tolerance) for result in plan.expected_results)
    if missing := Counter((row["mean"], stated["tolerance"]) for row in stated["results"]) - planned:
        numbers = ", ".join(f"{value} ± {tolerance}" for value, tolerance in missing)
        raise ExecutionError(f"The plan lacks these numbers of the paper's results table: {numbers}.", "")
    return compare(plan.expected_results, read_results(repository))


def write_comparisons(repository: Path, report: ExecutionReport, rows: list[Comparison]) -> Path:
    """`RESULTS.md`: each number with the command, commit, seeds and line of the log that it comes from."""
    last = report.steps[-1]
    run = Provenance(command=" ".join(last.command), containment=report.containment, log=last.log)
    return write_results(repository, traced(rows, read_results(repository), repository, run))


def _stated() -> dict[str, Any]:
    stated: dict[str, Any] = json.loads((examples() / "paper" / "expected.json").read_text(encoding="utf-8"))
    return stated
