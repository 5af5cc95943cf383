"""`python -m benchmarks.evaluation PAPER --rubric RUBRIC …`: what evaluations take, against the simulated provider.

The repository is one that papercoder makes of the paper with the same provider, unless one is named.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import makespan
from benchmarks.simulator.prices import cost
from benchmarks.simulator.process import ROOT, Simulator
from benchmarks.simulator.records import Record
from benchmarks.tables import table

_MODEL = ("--model", "openai:o3-mini", "--yes")
WAYS: dict[str, tuple[str, ...]] = {
    "reference-free, 8 samples": ("--by", "reference-free"),
    "Code-Dev": ("--by", "rubric", "--code-dev"),
    "Code-Dev, window of 32k": ("--by", "rubric", "--code-dev", "--context-window", "32k", "--max-output-tokens", "4k"),
}


@dataclass(frozen=True)
class Taken:
    """Requests of one evaluation, and seconds of the whole process."""

    name: str
    records: Sequence[Record]
    wall: float
    peak: int
    """Kilobytes that the process had in memory at most."""


def measure(name: str, arguments: Sequence[str], folder: Path, simulator: Simulator) -> Taken:
    """One evaluation, its report in a folder of its own."""
    simulator.reset()
    before = len(simulator.records())
    started = time.perf_counter()
    timed = ["/usr/bin/env", sys.executable, "-c", _PEAK, *arguments]
    command = [*timed, "--home", str(folder / "home"), "--output", str(folder / name.replace(" ", "-"))]
    ended = subprocess.run(
        command, env=simulator.environment(PYTHONPATH=str(ROOT)), cwd=folder, capture_output=True, text=True
    )
    wall = time.perf_counter() - started
    if ended.returncode:
        raise RuntimeError(f"papercoder ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")
    return Taken(name, simulator.records()[before:], wall, int(ended.stderr.split()[-1]))


_PEAK = """
import atexit, resource, sys
atexit.register(lambda: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr))
from papercoder.cli import main
main()
"""


def row(taken: Taken, scale: float) -> list[str]:
    billed = [record for record in taken.records if record.billed]
    inputs, cached = (sum(getattr(record, field) for record in billed) for field in ("input_tokens", "cached_tokens"))
    return [
        taken.name,
        f"{len(billed):,}",
        f"{inputs:,}",
        f"{cached / max(1, inputs):.0%}",
        f"{sum(record.output_tokens for record in billed):,}",
        f"${cost(billed):.2f}",
        f"{makespan(taken.records, taken.wall, scale):,.0f} s",
        f"{taken.peak / 1000:,.0f} MB",
    ]


def main() -> None:
    """Prints progress on standard error and a table on standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation", description=__doc__)
    parser.add_argument("paper", type=Path)
    parser.add_argument("--rubric", type=Path, required=True)
    parser.add_argument("--repository", type=Path, help="default: what papercoder makes of the paper")
    parser.add_argument("--files", type=int, default=10, help="of the repository that papercoder makes")
    parser.add_argument("--scale", type=float, default=0.2, help="wall seconds a simulated second")
    arguments = parser.parse_args()
    paper, rows = str(arguments.paper.resolve()), []
    with (
        tempfile.TemporaryDirectory(prefix="papercoder-") as name,
        Simulator(arguments.files, scale=arguments.scale) as simulator,
    ):
        folder = Path(name)
        repository = arguments.repository.resolve() if arguments.repository else folder / "made"
        if not arguments.repository:
            measure("made", ["run", paper, *_MODEL], folder, simulator)
        for way, options in WAYS.items():
            print(f"{way} …", file=sys.stderr, flush=True)
            rubric = ("--rubric", str(arguments.rubric.resolve())) if "rubric" in options else ()
            taken = measure(
                way, ["evaluate", str(repository), "--paper", paper, *options, *rubric, *_MODEL], folder, simulator
            )
            rows.append(row(taken, arguments.scale))
    head = ["judged by", "calls", "input tokens", "cached", "output tokens", "cost", "time", "memory"]
    print(table(head, rows))


if __name__ == "__main__":
    main()
