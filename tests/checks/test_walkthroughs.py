"""A walkthrough names what is there, and its checks check something."""

from typing import Any

import pytest

from papercoder.checks.excerpts import excerpt, excerpt_problem, located
from papercoder.checks.rules import RULES
from papercoder.checks.walkthrough import check_walkthrough
from state.paper import Paper
from tests.publication.walks import WALKTHROUGH

MODULE = '''import math

# Eq. 2 [E2]
EPSILON: float = 1e-9
LOW, HIGH = 0, 1


# The classifier,
# in closed form.
@frozen
class Ridge:
    """Solves."""

    weight: float = 1.0

    @property
    def half(self):  # Eq. 1
        return self.weight / 2

if math:
    def late():
        return 1


def twice():
    return 1


def twice():
    return 2
'''
FILES = {"src/model.py": MODULE, "broken.py": "def (", "notes.md": "# Ridge\n"}


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("EPSILON", 3, 4), ("Ridge", 8, 18), ("Ridge.weight", 14, 14), ("Ridge.half", 16, 18), ("late", 21, 22),
        ("twice", 29, 30),
    ],
)  # fmt: skip
def test_a_symbol_is_its_lines_with_what_belongs_to_it(name: str, first: int, last: int) -> None:
    shown = excerpt(f"src/model.py::{name}", FILES)
    assert shown
    assert (shown.first, shown.last) == (first, last)
    lines = MODULE.split("\n")[first - 1 : last]
    assert [line.strip() for line in shown.text.split("\n")] == [line.strip() for line in lines]
    assert not shown.text.startswith(" ")


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("src/model.py::Ridge.half", ""),
        ("src/model.py::Ridge.halves", "src/model.py defines no 'Ridge.halves'; is it Ridge.half?"),
        ("src/model.py", "src/model.py defines no ''."),
        ("model.py::Ridge", "There is no file 'model.py'; is it src/model.py?"),
        ("broken.py::x", "broken.py defines no 'x'."),
        ("notes.md::Ridge", "notes.md defines no 'Ridge'."),
    ],
)
def test_what_names_nothing_is_told_with_what_is_near(reference: str, problem: str) -> None:
    assert excerpt_problem(reference, FILES) == problem


def test_a_bare_name_stands_for_the_one_file_that_has_it() -> None:
    assert located("Ridge.half", FILES) == "src/model.py::Ridge.half"
    assert located("Ridge", {**FILES, "other.py": "class Ridge: ...\n"}) == "Ridge"


def test_a_sound_walkthrough_has_no_findings(code: dict[str, str], paper: Paper) -> None:
    assert check_walkthrough(WALKTHROUGH, code, paper) == []


BROKEN: dict[str, dict[str, Any]] = {
    "unknown-passage": {"source": ["E1", "S2", "E99"]},
    "unknown-symbol": {"symbols": ["src/model.py::Ridge.fit", "src/model.py::Lasso"]},
    "long-symbol": {"symbols": ["src/model.py::Ridge.fit", "src/model.py::long"]},
    "unreadable-check": {"check": "assert fit("},
    "vacuous-check": {"check": "import numpy\n\nassert numpy.ones(3).sum() == 3"},
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_defect_is_found_under_its_rule(rule: str, code: dict[str, str], paper: Paper) -> None:
    files = {**code, "src/model.py": code["src/model.py"] + "\ndef long():\n" + "    x = 1\n" * 80}
    broken = WALKTHROUGH.passages[0].model_copy(update=BROKEN[rule])
    walkthrough = WALKTHROUGH.model_copy(update={"passages": [broken, WALKTHROUGH.passages[1]]})
    found = check_walkthrough(walkthrough, files, paper)
    assert {finding.rule for finding in found} == {rule}
    assert {(finding.severity, finding.location) for finding in found} == {(RULES[rule].severity, broken.title)}


def test_a_check_without_an_assertion_is_none(code: dict[str, str], paper: Paper) -> None:
    broken = WALKTHROUGH.passages[0].model_copy(update={"check": "from src.model import Ridge\nRidge(1.0).fit(1, 2)"})
    found = check_walkthrough(WALKTHROUGH.model_copy(update={"passages": [broken]}), code, paper)
    assert [finding.problem for finding in found] == ["The check asserts nothing."]
