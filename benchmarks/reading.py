"""How time and memory of reading grow with a paper's length, format by format: the ratio should follow the bytes.

python -m benchmarks.reading
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.tables import table
from papercoder.documents import read_paper

PROSE = "The model reads the whole input at once and every step attends to the steps before it. " * 6


def latex(sections: int) -> str:
    body = "".join(
        rf"\section{{Part {n}}} {PROSE} \begin{{equation}} x_{{{n}}} = \frac{{a}}{{b}} \end{{equation}}" + "\n\n"
        r"\begin{table}\caption{C.}\begin{tabular}{ll} a & $b$ \\ 1 & 2 \\ \end{tabular}\end{table}" + "\n\n"
        for n in range(sections)
    )
    return rf"\documentclass{{article}}\newcommand{{\R}}{{\mathbb{{R}}}}\begin{{document}}{body}\end{{document}}"


def html(sections: int) -> str:
    body = "".join(
        f'<h2>{n} Part</h2><p>{PROSE} <math alttext="x_{n}"></math></p><table><tr><td>a</td><td>b</td></tr></table>'
        for n in range(1, sections + 1)
    )
    return f"<html><body><h1>T</h1>{body}</body></html>"


def markdown(sections: int) -> str:
    parts = (f"## {n} Part\n\n{PROSE}\n\n$$ x_{n} = 1 $$\n\n| a | b |\n|---|---|\n| 1 | 2 |\n" for n in range(sections))
    return "# T\n\n" + "\n".join(parts)


PAPERS: dict[str, Callable[[int], str]] = {"tex": latex, "html": html, "md": markdown}


def main() -> None:
    """Each size in a process of its own, so that one's memory does not hide the next one's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sections", type=int, nargs="+", default=[200, 800, 3200])
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        _measure(given.one)
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for suffix, make in PAPERS.items():
            for count in given.sections:
                path = Path(folder) / f"paper.{suffix}"
                path.write_text(make(count), encoding="utf-8")
                command = [sys.executable, "-m", "benchmarks.reading", "--one", str(path)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                seconds, peak = map(float, done.stdout.split())
                size = path.stat().st_size / 1e6
                rows.append([suffix, f"{size:.2f}", f"{seconds:.2f}", f"{seconds / size:.2f}", f"{peak:.0f}"])
    sys.stdout.write(table(["format", "MB", "seconds", "seconds per MB", "peak MB"], rows) + "\n")


def _measure(path: Path) -> None:
    started = time.perf_counter()
    read_paper(path)
    seconds = time.perf_counter() - started
    sys.stdout.write(f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000}\n")


if __name__ == "__main__":
    main()
