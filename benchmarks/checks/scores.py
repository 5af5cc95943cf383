"""Whether each defect is found, and what is found where there is none."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.checks.operators import OPERATORS
from benchmarks.checks.subjects import Subject
from benchmarks.tables import table
from papercoder.checks import check_design, check_repository
from state.review import Finding


@dataclass(frozen=True)
class Score:
    """One defect in one repository; `extra` are findings of other rules that came with it."""

    subject: str
    operator: str
    caught: bool
    extra: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Alarms:
    """Findings in a repository as it is; notes (severity low) count apart."""

    subject: str
    files: int
    findings: tuple[Finding, ...]

    @property
    def loud(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity != "low"]


def alarms(subject: Subject) -> Alarms:
    return Alarms(subject.name, len(subject.files), tuple(findings(subject)))


def findings(subject: Subject, *, types: bool = True) -> list[Finding]:
    """What is found in the code and in the design."""
    return [*check_repository(subject.files, subject.design, types=types), *check_design(subject.design)]


def scores(subject: Subject, known: Sequence[Finding], operators: Iterable[str] = OPERATORS) -> Iterator[Score]:
    """Every operator once, at a place that the two names decide."""
    before = {(finding.file, finding.rule, finding.problem) for finding in known}
    for name in operators:
        broken = OPERATORS[name].mutate(subject, random.Random(f"{subject.name}/{name}"))
        if broken is None or broken == subject:
            continue
        after = findings(broken, types=broken.files != subject.files)
        new = [f for f in after if (f.file, f.rule, f.problem) not in before and f.severity != "low"]
        caught = any(finding.rule in OPERATORS[name].rules for finding in new)
        yield Score(subject.name, name, caught, tuple(f for f in new if f.rule not in OPERATORS[name].rules))


def report(found: Sequence[Score], clean: Sequence[Alarms]) -> str:
    """Both tables, in Markdown."""
    return f"{_operators_table(found)}\n\n{_alarms_table(clean)}"


def _operators_table(found: Sequence[Score]) -> str:
    rows = []
    for name in OPERATORS:
        ours = [score for score in found if score.operator == name]
        rows.append(_row(name, ours))
    rows.append(_row("all", found))
    return table(["defect", "repositories", "caught", "share", "missed in"], rows)


def _row(name: str, found: Sequence[Score]) -> list[str]:
    caught = sum(score.caught for score in found)
    share = f"{100 * caught // len(found)} %" if found else "–"  # rounded down: 100 % is all
    missed = ", ".join(sorted({score.subject for score in found if not score.caught})) if name != "all" else ""
    return [name, str(len(found)), str(caught), share, missed]


def _alarms_table(clean: Sequence[Alarms]) -> str:
    rows = [
        [
            item.subject,
            str(item.files),
            str(len(item.loud)),
            str(len(item.findings) - len(item.loud)),
            ", ".join(sorted({finding.rule for finding in item.loud})),
        ]
        for item in clean
    ]
    total = [str(sum(int(row[column]) for row in rows)) for column in (1, 2, 3)]
    return table(["untouched", "files", "false alarms", "notes", "rules"], [*rows, ["all", *total, ""]])
