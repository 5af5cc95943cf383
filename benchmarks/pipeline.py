"""`python -m benchmarks.pipeline --files 5 10 20 40`: whole runs against the simulated provider, beside the original's.

Options of `papercoder run` may follow after `--`.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figures, exponent, figures
from benchmarks.original import ORIGINAL
from benchmarks.paper import paper_text
from benchmarks.postgres import Server
from benchmarks.simulator.process import ROOT, Simulator
from benchmarks.storage import Storage, server_storage, storage
from benchmarks.tables import table

_NONE = "–"


@dataclass(frozen=True)
class Run:
    """What came of one run."""

    files: int
    figures: Figures
    storage: Storage


def measure(files: int, paper: Path, scale: float, options: Sequence[str] = (), database: str = "") -> Run:
    """Runs papercoder once as a child process; raises if it fails.  `database`: the URL of an empty one."""
    with tempfile.TemporaryDirectory(prefix="papercoder-") as name, Simulator(files, scale=scale) as simulator:
        folder = Path(name)
        command = _command(paper, folder, simulator.base_url, options)
        environment = simulator.environment(PYTHONPATH=str(ROOT), PAPERCODER_DATABASE=database)
        started = time.perf_counter()
        ended = subprocess.run(
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        wall = time.perf_counter() - started
        if ended.returncode:
            raise RuntimeError(f"papercoder ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")
        measured = figures(simulator.records(), simulator.project, wall, scale)
        return Run(files, measured, server_storage(database) if database else storage(folder / "home"))


def _command(paper: Path, folder: Path, base_url: str, options: Sequence[str]) -> list[str]:
    command = [sys.executable, "-m", "papercoder", "run", str(paper), "--home", str(folder / "home")]
    command += ["--model", "openai:o3-mini", "--base-url", base_url, "--output", str(folder / "out"), "--yes"]
    return [*command, *options]


def report(runs: Sequence[Run]) -> str:
    """All tables, in Markdown."""
    parts = [_calls_table(runs), _comparison_table(runs), _storage_table(runs)]
    if len(runs) > 1:
        power = exponent([run.files for run in runs], [run.figures.input_tokens for run in runs])
        parts.append(f"Input tokens grow with the number of files to the power of {power:.2f}.")
    return "\n\n".join(parts)


def _calls_table(runs: Sequence[Run]) -> str:
    head = [
        "files",
        "calls",
        "extra",
        "repeated",
        "failed",
        "input tokens",
        "cached",
        "output tokens",
        "peak in flight",
    ]
    rows = []
    for run in runs:
        made = run.figures
        counts = (run.files, made.calls, made.extra_calls, made.repeated_calls, made.failed_requests)
        tokens = [f"{made.input_tokens:,}", f"{made.cached_share:.0%}", f"{made.output_tokens:,}"]
        rows.append([*map(str, counts), *tokens, str(made.peak_in_flight)])
    return table(head, rows)


def _comparison_table(runs: Sequence[Run]) -> str:
    head = ["files", "", "calls", "input tokens", "cost", "makespan", "critical path", "ratio"]
    rows = []
    for run in runs:
        made = run.figures
        times = (made.makespan, made.critical_path)
        rows.append(_row(str(run.files), "papercoder", made.calls, made.input_tokens, made.dollars, *times))
        if original := ORIGINAL.get(run.files):
            rows.append(_row("", "original", *vars(original).values()))
            rows.append(_shares(made, original.input_tokens, original.dollars, original.makespan))
    return table(head, rows)


def _row(files: str, who: str, calls: int, tokens: int, dollars: float, span: float, path: float) -> list[str]:
    times = [f"{span:,.0f} s", f"{path:,.0f} s", f"{span / path:.2f}"]
    return [files, who, str(calls), f"{tokens:,}", f"${dollars:.3f}", *times]


def _shares(made: Figures, tokens: int, dollars: float, span: float) -> list[str]:
    shares = [f"× {made.input_tokens / tokens:.2f}", f"× {made.dollars / dollars:.2f}", f"× {made.makespan / span:.2f}"]
    return ["", "", "", *shares, "", ""]


def _storage_table(runs: Sequence[Run]) -> str:
    head = ["files", "checkpoints", "store", "journal", "whole database"]
    rows = []
    for run in runs:
        kept = run.storage
        sizes = (kept.checkpoints, kept.store, kept.journal, kept.whole)
        rows.append([str(run.files), *(f"{size / 1e6:.2f} MB" if size else _NONE for size in sizes)])
    return table(head, rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline", description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[5, 10, 20, 40], help="sizes of the repository")
    parser.add_argument("--paper", type=Path, help="a paper to run on; default: a synthetic one")
    parser.add_argument(
        "--scale", type=float, default=0.2, help="wall seconds a simulated second; below 0.2 it distorts"
    )
    parser.add_argument("--postgres", action="store_true", help="keep the runs in a PostgreSQL server of our own")
    parser.add_argument("options", nargs="*", help="options of `papercoder run`, after `--`")
    return parser


def main() -> None:
    """Prints progress on standard error and the tables on standard output."""
    arguments = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="papercoder-") as folder, ExitStack() as stack:
        server = stack.enter_context(Server()) if arguments.postgres else None
        synthetic = Path(folder) / "synthetic.tex"
        synthetic.write_text(paper_text(), encoding="utf-8")
        paper = arguments.paper.resolve() if arguments.paper else synthetic
        runs = []
        for files in arguments.files:
            print(f"{files} files …", file=sys.stderr, flush=True)
            database = server.make_database() if server else ""
            runs.append(measure(files, paper, arguments.scale, arguments.options, database))
        print(report(runs))


if __name__ == "__main__":
    main()
