"""`python -m benchmarks.checks`: the table of defects caught and of false alarms; `--verbose` names each."""

import argparse
import sys

from benchmarks.checks.scores import alarms, report, scores
from benchmarks.checks.subjects import PACKAGES, subjects


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checks", description=__doc__)
    parser.add_argument("--packages", default=PACKAGES, help="names of installed packages, separated by spaces")
    parser.add_argument("--clean", action="store_true", help="look at the untouched repositories only")
    parser.add_argument("--verbose", action="store_true", help="print every false alarm and every miss")
    arguments = parser.parse_args()
    clean, found = [], []
    for subject in subjects(arguments.packages):
        print(f"{subject.name}: {len(subject.files)} files", file=sys.stderr, flush=True)
        clean.append(alarms(subject))
        if not arguments.clean:
            found += list(scores(subject, clean[-1].findings))
    if arguments.verbose:
        for item in clean:
            for finding in item.loud:
                print(f"{item.subject}: {finding.rule}: {finding.file}:{finding.line}: {finding.problem}")
        for score in found:
            if not score.caught:
                print(f"{score.subject}: missed: {score.operator}")
    print(report(found, clean))


main()
