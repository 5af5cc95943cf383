"""`python -m benchmarks.pipeline --files 5 10 20 40`: whole runs against the simulated provider, beside the original's.

Each size is run twice: with the original's calls alone, where requirements are extra, and with all reviews.  Options of
`papercoder run` may follow after `--`.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.figures import Figures, Spent, exponent, figures
from benchmarks.original import ORIGINAL
from benchmarks.paper import paper_text
from benchmarks.postgres import Server
from benchmarks.simulator.process import ROOT, Simulator
from benchmarks.storage import Storage, server_storage, storage
from benchmarks.tables import table

_NONE = "–"
_NO_TIMES = [_NONE] * 3
UNREVIEWED = ("--rounds", "0", "--no-tests", "--no-execute", "--no-assess")


@dataclass(frozen=True)
class Run:
    """What came of one run, and of another one with reviews."""

    files: int
    figures: Figures
    storage: Storage
    cpu: float
    """Seconds of the processor that the client took, its start included."""
    reviewed: Figures | None = None


def measure(
    files: int, paper: Path, scale: float, options: Sequence[str] = (), database: str = "", reviewer: str = "lenient"
) -> Run:
    """Runs papercoder once as a child process; raises if it fails.  `database`: the URL of an empty one."""
    simulated = Simulator(files, scale=scale, reviewer=reviewer)
    with tempfile.TemporaryDirectory(prefix="papercoder-") as name, simulated as simulator:
        folder = Path(name)
        command = _command(paper, folder, simulator.base_url, options)
        environment = simulator.environment(PYTHONPATH=str(ROOT), PAPERCODER_DATABASE=database)
        started, cpu = time.perf_counter(), _processor_seconds()
        ended = subprocess.run(
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        wall, cpu = time.perf_counter() - started, _processor_seconds() - cpu
        if ended.returncode:
            raise RuntimeError(f"papercoder ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")
        measured = figures(simulator.records(), simulator.project, wall, scale)
        return Run(files, measured, server_storage(database) if database else storage(folder / "home"), cpu)


def _processor_seconds() -> float:
    """Of all children that have ended: the client and what it started, while the simulator is still at work."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _command(paper: Path, folder: Path, base_url: str, options: Sequence[str]) -> list[str]:
    command = [sys.executable, "-m", "papercoder", "run", str(paper), "--home", str(folder / "home")]
    command += ["--model", "openai:o3-mini", "--base-url", base_url, "--output", str(folder / "out"), "--yes"]
    return [*command, *options]


def report(runs: Sequence[Run]) -> str:
    """All tables, in Markdown."""
    parts = [_calls_table(runs), _comparison_table(runs), _storage_table(runs)]
    if len(runs) > 1:
        power = exponent([run.files for run in runs], [run.figures.same_calls.input_tokens for run in runs])
        parts.append(f"Input tokens of the same calls grow with the number of files to the power of {power:.2f}.")
    if reviewed := [run for run in runs if run.reviewed]:
        parts.append(_reviews_table(reviewed))
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
        "client's CPU",
    ]
    rows = []
    for run in runs:
        made = run.figures
        counts = (run.files, made.calls, made.extra_calls, made.repeated_calls, made.failed_requests)
        tokens = [f"{made.input_tokens:,}", f"{made.cached_share:.0%}", f"{made.output_tokens:,}"]
        rows.append([*map(str, counts), *tokens, str(made.peak_in_flight), f"{run.cpu:.1f} s"])
    return table(head, rows)


def _comparison_table(runs: Sequence[Run]) -> str:
    head = ["files", "", "calls", "input tokens", "cost", "makespan", "critical path", "ratio"]
    rows = []
    for run in runs:
        made = run.figures
        same, extra = made.same_calls, made.spent.get("specification", Spent())
        times = (made.makespan, made.critical_path)
        rows.append(_row(str(run.files), "papercoder", same.calls, same.input_tokens, same.dollars, *times))
        rows.append(
            ["", "+ specification", str(extra.calls), f"{extra.input_tokens:,}", f"${extra.dollars:.3f}", *_NO_TIMES]
        )
        if original := ORIGINAL.get(run.files):
            rows.append(_row("", "original", *vars(original).values()))
            rows.append(_shares(same, original.input_tokens, original.dollars, made.makespan / original.makespan))
    return table(head, rows)


def _reviews_table(runs: Sequence[Run]) -> str:
    """Of the runs with reviews: what each purpose took, and the whole."""
    rows = []
    for run in runs:
        assert run.reviewed
        made = run.reviewed
        for name, part in made.spent.items():
            rows.append(_part(name, part))
        whole = (made.calls, made.input_tokens, made.dollars, made.makespan, made.critical_path)
        rows.append(_row(str(run.files), "all, with reviews", *whole))
    return table(["files", "what for", "calls", "input tokens", "cost", "makespan", "critical path", "ratio"], rows)


def _row(files: str, who: str, calls: int, tokens: int, dollars: float, span: float, path: float) -> list[str]:
    times = [f"{span:,.0f} s", f"{path:,.0f} s", f"{span / path:.2f}"]
    return [files, who, str(calls), f"{tokens:,}", f"${dollars:.3f}", *times]


def _part(name: str, part: Spent) -> list[str]:
    return ["", name, str(part.calls), f"{part.input_tokens:,}", f"${part.dollars:.3f}", *_NO_TIMES]


def _shares(same: Spent, tokens: int, dollars: float, span: float) -> list[str]:
    shares = [f"× {same.input_tokens / tokens:.2f}", f"× {same.dollars / dollars:.2f}", f"× {span:.2f}"]
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
    parser.add_argument("--reviewer", choices=["lenient", "strict"], default="lenient", help="of the runs with reviews")
    parser.add_argument("--unreviewed", action="store_true", help="leave the runs with reviews out")
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
            plain = measure(files, paper, arguments.scale, [*UNREVIEWED, *arguments.options], database)
            if not arguments.unreviewed:
                print(f"{files} files, with reviews …", file=sys.stderr, flush=True)
                options = ["--no-execute", *arguments.options]  # figures are of models, not of sandboxes
                more = measure(files, paper, arguments.scale, options, reviewer=arguments.reviewer)
                plain = replace(plain, reviewed=more.figures)
            runs.append(plain)
        print(report(runs))


if __name__ == "__main__":
    main()
