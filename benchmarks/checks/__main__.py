"""`python -m benchmarks.checks`: the tables of defects caught, of false alarms, and of quotes that verify.

`--verbose` names each miss; `--papers` takes other papers than the example to quote from.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.checks.quotes import PAPERS, quotes_report
from benchmarks.checks.scores import Alarms, Score, alarms, report, scores
from benchmarks.checks.subjects import PACKAGES, subjects
from papercoder.documents import read_paper


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checks", description=__doc__)
    parser.add_argument("--packages", default=PACKAGES, help="names of installed packages, separated by spaces")
    parser.add_argument("--clean", action="store_true", help="look at the untouched repositories only")
    parser.add_argument("--verbose", action="store_true", help="print every false alarm and every miss")
    parser.add_argument("--papers", nargs="*", type=Path, default=PAPERS, help="papers to quote from")
    arguments = parser.parse_args()
    clean, found = [], []
    for subject in subjects(arguments.packages):
        clean.append(alarms(subject))
        ours = [] if arguments.clean else list(scores(subject, clean[-1].findings))
        found += ours
        caught = sum(score.caught for score in ours)
        print(f"{subject.name}: {caught} of {len(ours)}, {len(clean[-1].loud)} alarms", file=sys.stderr, flush=True)
        if arguments.verbose:
            _name_each(clean[-1], ours)
    print(report(found, clean))
    print(f"\n{quotes_report([read_paper(path) for path in arguments.papers])}")


def _name_each(clean: Alarms, found: list[Score]) -> None:
    for finding in clean.loud:
        print(f"  {finding.rule}: {finding.file}:{finding.line}: {finding.problem}", file=sys.stderr)
    for score in found:
        if not score.caught:
            print(f"  missed: {score.operator}", file=sys.stderr)


main()
