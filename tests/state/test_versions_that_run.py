"""Of what is run, the version that gets further is kept, and one bug behind another is progress."""

import pytest

from state.critique import Critique, Version
from state.review import Finding, Severity


def failed(*problems: str) -> tuple[Finding, ...]:
    return tuple(Finding(rule="execution-crash", problem=problem) for problem in problems)


def ran(reached: int, *problems: str, of: str, checks: tuple[Finding, ...] = ()) -> Version:
    return Version(checks=(*checks, *failed(*problems)), reached=reached, made_of=of)


def check(severity: Severity) -> tuple[Finding, ...]:
    return (Finding(rule="contract", severity=severity, problem="broken"),)


FIRST = ran(2, "KeyError: 'a'\nat line 3", of="0")


@pytest.mark.parametrize(
    ("second", "kept", "ended"),
    [
        (ran(5, of="1"), 1, "nothing to mend"),
        (ran(3, "TypeError", "ValueError", "OSError", of="1"), 1, None),  # further, whatever fails there
        (ran(1, "SyntaxError", of="1"), 0, None),  # tried in vain: the next one is told so
        (ran(2, "IndexError", of="1"), 1, None),  # behind one bug stood another
        (ran(2, "KeyError: 'a'\nat line 9", of="1"), 0, None),  # the same, a few lines further down
        (ran(2, "KeyError: 'a'", "IndexError", of="1"), 0, None),
        (FIRST, 0, "no better"),  # nothing was changed
        (ran(5, of="1", checks=check("high")), 0, None),  # it runs, now that it is empty
        (ran(5, of="1", checks=check("medium")), 1, None),
    ],
)
def test_the_second_version(second: Version, kept: int, ended: str | None) -> None:
    critique = Critique().with_version(FIRST, 3).with_version(second, 3)
    assert (critique.best, critique.ended) == (kept, ended)


def test_it_ends_when_the_repairs_are_used_up() -> None:
    critique = Critique().with_version(FIRST, 2)
    for number in (1, 2):
        assert critique.ended is None
        critique = critique.with_version(ran(1, f"problem {number}", of=str(number)), 2)
    assert (critique.best, critique.ended) == (0, "no rounds left")


def test_one_bug_does_not_come_back_as_news() -> None:
    critique = Critique()
    for of, problem in enumerate(["a", "b", "a"]):
        critique = critique.with_version(ran(2, problem, of=str(of)), 9)
    assert critique.best == 1
