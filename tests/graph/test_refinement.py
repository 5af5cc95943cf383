"""An artifact between author and critic: whatever the critic says, the loop ends and the best version is kept."""

from types import SimpleNamespace
from typing import Any

import pytest

from agents.assessing import MOST_COMPLETIONS, completions
from graph.refinement import REFINEMENT, refined
from state.context import Context
from state.critique import Critique, Version
from state.review import Finding, Severity


def found(severity: Severity, problem: str = "wrong") -> Finding:
    return Finding(severity=severity, problem=problem)


SOUND = Version(reviewed=True)
NOTE = Version(critique=(found("low"),), reviewed=True)
MEDIUM = Version(critique=(found("medium"),), reviewed=True)
TWO_MEDIUM = Version(critique=(found("medium"), found("medium", "too")), reviewed=True)
HIGH = Version(critique=(found("high"),), reviewed=True)
BROKEN = Version(checks=(found("high", "does not parse"),))
UNTRACED = Version(checks=(found("medium", "no source"),), reviewed=True)
NONSENSE = Version(note="the critic's answers could not be used")


class Scripted:
    """Versions are named v0, v1, …; their reviews are given."""

    subject = ("planning", "")

    def __init__(self, reviews: list[Version], rounds: int) -> None:
        self.reviews, self.rounds = list(reviews), rounds
        self.reviewed: list[str] = []
        self.told: list[tuple[str, int]] = []
        self.events: list[dict[str, Any]] = []
        self.run: Any = SimpleNamespace(stream_writer=self.events.append)

    async def write(self) -> str:
        return "v0"

    async def review(self, artifact: str, before: Critique) -> Version:
        number = len(before.versions)
        self.reviewed.append(artifact)
        assert artifact == f"v{number}"
        return self.reviews[min(number, len(self.reviews) - 1)]

    async def revise(self, artifact: str, version: Version, number: int) -> str:
        self.told.append((artifact, len(version.to_mend)))
        return f"v{number}"


@pytest.mark.parametrize(
    ("reviews", "rounds", "kept", "told", "ended"),
    [
        ([SOUND], 2, "v0", [], "nothing to mend"),
        ([NOTE], 2, "v0", [], "nothing to mend"),  # a note is not worth a revision
        ([HIGH, SOUND], 2, "v1", [("v0", 1)], "nothing to mend"),
        ([HIGH], 0, "v0", [], "no rounds left"),
        ([HIGH, MEDIUM], 1, "v1", [("v0", 1)], "no rounds left"),
        ([HIGH, TWO_MEDIUM, MEDIUM, SOUND], 5, "v3", [("v0", 1), ("v1", 2), ("v2", 1)], "nothing to mend"),
        ([MEDIUM, HIGH], 5, "v0", [("v0", 1)], "no better"),  # a revision that made it worse is not kept
        ([MEDIUM], 5, "v0", [("v0", 1)], "no better"),  # a critic that always complains
        ([HIGH, MEDIUM, HIGH, MEDIUM], 9, "v1", [("v0", 1), ("v1", 1)], "no better"),  # one that changes its mind
        ([NONSENSE], 5, "v0", [], "nothing to mend"),  # one that says nothing usable
        ([MEDIUM, NONSENSE], 5, "v0", [("v0", 1)], "no better"),  # a revision nobody reviewed never wins
        ([BROKEN, SOUND], 1, "v1", [("v0", 1)], "nothing to mend"),
        ([BROKEN, HIGH, SOUND], 1, "v2", [("v0", 1), ("v1", 1)], "nothing to mend"),  # checks do not use up a critic
        ([BROKEN, BROKEN], 3, "v0", [("v0", 1)], "no better"),
        ([HIGH, BROKEN], 3, "v0", [("v0", 1)], "no better"),  # fewest failed checks first
        ([UNTRACED, HIGH], 3, "v1", [("v0", 1), ("v1", 1)], "no better"),
    ],
)
async def test_findings_go_back_while_versions_get_better_and_rounds_are_left(
    reviews: list[Version], rounds: int, kept: str, told: list[tuple[str, int]], ended: str
) -> None:
    work = Scripted(reviews, rounds)
    best, critique = await refined(REFINEMENT, work)
    assert (best, work.told, critique.ended) == (kept, told, ended)
    assert f"v{critique.best}" == kept
    assert len(critique.versions) == len(told) + 1


async def test_every_review_is_told_and_the_last_one_says_what_stays_open() -> None:
    work = Scripted([HIGH, MEDIUM], 1)
    await refined(REFINEMENT, work)
    first, last = work.events
    assert (first["version"], first["high"], first["outcome"], first["open"]) == (1, 1, "revising", [])
    assert (last["version"], last["medium"], last["outcome"], last["open"]) == (2, 1, "no rounds left", ["wrong"])


async def test_what_did_not_change_is_not_reviewed_again() -> None:
    work = Scripted([HIGH], 5)
    work.revise = unchanged  # type: ignore[method-assign]
    best, critique = await refined(REFINEMENT, work)
    assert (best, critique.ended, len(work.reviewed)) == ("v0", "no better", 1)


async def unchanged(artifact: str, version: Version, number: int) -> str:
    return artifact


async def test_the_code_is_completed_as_long_as_coverage_rises() -> None:
    shares = [0.4, 0.6, 0.7, 0.7, 0.9]
    work = Scripted([Version(critique=HIGH.critique, reviewed=True, score=share) for share in shares], 4)
    best, critique = await refined(REFINEMENT, work)
    assert (best, critique.ended, len(work.reviewed)) == ("v2", "no better", 4)


@pytest.mark.parametrize(("rounds", "most"), [(0, 0), (1, MOST_COMPLETIONS), (3, MOST_COMPLETIONS)])
def test_rounds_bound_authors_and_coverage_bounds_completion(rounds: int, most: int) -> None:
    assert completions(Context(rounds=rounds)) == most


def test_coverage_counts_before_findings_and_after_failed_checks() -> None:
    low, high = Version(reviewed=True, score=0.5), Version(reviewed=True, score=0.6, critique=(found("high"),))
    broken = Version(reviewed=True, score=0.9, checks=(found("high"),))
    assert high.rank < low.rank < broken.rank


@pytest.mark.parametrize("rounds", range(4))
def test_no_loop_is_longer_than_its_rounds_allow(rounds: int) -> None:
    """Every revision fixes something and something remains: twice the rounds are the most, checks and critic."""
    critique = Critique()
    while critique.ended is None:
        left = 100 - len(critique.versions)
        is_check = len(critique.versions) < 5
        findings = tuple(found("high", str(n)) for n in range(left))
        version = Version(checks=findings) if is_check else Version(critique=findings, reviewed=True)
        critique = critique.with_version(version, rounds)
    assert len(critique.versions) <= 2 * rounds + 1
