"""What reviews found, in words: while a run goes on, and afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from state.counts import counted
from state.shares import percent

if TYPE_CHECKING:
    from state.critique import Critique, Version
    from state.events import Reviewed
    from state.review import Finding

MOST_SHOWN = 5
"""Open findings that the last lines of a run name."""


def review_line(event: "Reviewed") -> str:
    """`coding of src/model.py: version 2: sound`; empty where nobody looked and nothing was found."""
    name = f"{event.stage} of {event.file}" if event.file else event.stage
    found = _found(event.high, event.medium, event.low)
    if event.note:
        return f"{name}: version {event.version}: not reviewed: {event.note}"
    if not (event.reviewed or found):
        return ""
    if event.outcome == "nothing to mend" and event.score is None:
        return f"{name}: version {event.version}: sound" + (f", {counted(event.low, 'note')}" if event.low else "")
    share = "" if event.score is None else f"{percent(event.score)} of the requirements"
    left = f", {len(event.open)} open" if event.open else ""
    return f"{name}: version {event.version}: {', '.join(filter(None, [share, found]))}; {event.outcome}{left}"


def open_lines(found: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A line for each of the first findings, by loop, and how many more there are."""
    lines = [f"{name}: {problem}" for name, problems in found.items() for problem in problems]
    yield from lines[:MOST_SHOWN]
    if len(lines) > MOST_SHOWN:
        yield f"and {len(lines) - MOST_SHOWN} more, all in REPRODUCTION_NOTES.md"


def critique_lines(critique: "Critique") -> Iterator[str]:
    """Version by version; which one was kept, and what it still has."""
    for number, version in enumerate(critique.versions):
        kept = ", kept" if number == critique.best and len(critique.versions) > 1 else ""
        yield f"version {number + 1}{kept}: {_of(version)}"
        yield from (f"  - {finding_line(finding)}" for finding in version.findings)
    if critique.ended:
        yield f"ended: {critique.ended}"


def finding_line(finding: "Finding") -> str:
    place = f"{finding.file}:{finding.line}" if finding.file and finding.line else finding.file
    where = ", ".join(filter(None, [place, finding.location]))
    return f"({finding.severity}) {f'{where}: ' if where else ''}{finding.problem}"


def _of(version: "Version") -> str:
    counts = [sum(found.severity == severity for found in version.findings) for severity in ("high", "medium", "low")]
    share = "" if version.score is None else f"{percent(version.score)} of the requirements"
    words = ", ".join(filter(None, [share, _found(*counts)])) or "nothing found"
    return words + (f" (not reviewed: {version.note})" if version.note else "")


def _found(high: int, medium: int, low: int) -> str:
    counts = {"high": high, "medium": medium, "low": low}
    return ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
