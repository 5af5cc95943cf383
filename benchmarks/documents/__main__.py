"""`python -m benchmarks.documents FOLDER`: our reading of PDFs, and others', held against the LaTeX of the papers.

FOLDER holds papers, or folders of papers, each as a PDF and as LaTeX (a .tex file, an arXiv archive or a folder) of
the same stem, or alone in their folder.  Exit code 1: our reading misses a bar, or the negative control passes them.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.documents.bars import DESCRIPTION, missed
from benchmarks.documents.heads import running_heads
from benchmarks.documents.measures import Measures, measure
from benchmarks.documents.pairs import Pair, pairs
from benchmarks.documents.readers import CONTROL, READERS, run
from benchmarks.documents.reading import Reading, of_paper
from benchmarks.documents.report import report
from papercoder.documents import read_paper

OURS = "papercoder"


def main() -> int:
    """Prints progress on standard error and the tables on standard output."""
    arguments = _parser().parse_args()
    found = [pair for pair in pairs(arguments.folder) if not arguments.only or pair.name in arguments.only]
    if not found:
        print(f"{arguments.folder}: no paper that is there as PDF and as LaTeX.", file=sys.stderr)
        return 1
    results = {pair.name: _measure(pair, arguments.readers) for pair in found}
    print(report(results))
    return _verdict(results)


def _measure(pair: Pair, readers: Sequence[str]) -> dict[str, Measures]:
    truth, heads = of_paper(read_paper(pair.latex)), running_heads(pair.pdf)
    made = {}
    for name in readers:
        print(f"{pair.name}: {name} …", file=sys.stderr, flush=True)
        if reading := _letting_fail(name, pair):
            made[name] = measure(reading, truth, heads)
    return made


def _letting_fail(name: str, pair: Pair) -> Reading | None:
    """Another's failure is told, and leaves its row out; ours is an error."""
    try:
        return run(name, pair.pdf)
    except RuntimeError as error:
        if name == OURS:
            raise
        print(error, file=sys.stderr)
        return None


def _verdict(results: dict[str, dict[str, Measures]]) -> int:
    failures = [(paper, missed(made[OURS])) for paper, made in results.items() if OURS in made]
    passed = [paper for paper, made in results.items() if CONTROL in made and not missed(made[CONTROL])]
    print(f"\nBars, for every paper: {DESCRIPTION}.")
    for paper, bars in failures:
        print(f"- {paper}: {'missed: ' + ', '.join(bars) if bars else 'all bars are met'}.")
    for paper in passed:
        print(f"- {paper}: the negative control meets the bars, so they prove nothing here.")
    return int(any(bars for _, bars in failures) or bool(passed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.documents", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--readers", nargs="+", choices=list(READERS), default=list(READERS), help="default: all")
    parser.add_argument("--only", nargs="+", help="names of papers; default: all")
    return parser


if __name__ == "__main__":
    sys.exit(main())
