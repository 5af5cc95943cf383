"""The share of the requirements that are met: of those that apply, and never more for leaving some out."""

import pytest

from agents.context import Material
from state.assessment import Coverage, Judgement, Verdict
from state.requirements import Specification


def coverage(**judgements: Judgement) -> Coverage:
    verdicts = (Verdict(requirement=id, judgement=said, condition="if D") for id, said in judgements.items())
    return Coverage(verdicts=tuple(verdicts))


@pytest.fixture
def specification(material: Material) -> Specification:
    """R1 weighs 5, R2 3, R3 2."""
    assert material.specification
    return material.specification


def test_what_does_not_apply_is_not_counted(specification: Specification) -> None:
    assert coverage(R1="met", R2="missing", R3="missing").share(specification) == 0.5
    found = coverage(R1="met", R2="missing", R3="inapplicable")
    assert found.share(specification) == 5 / 8
    assert found.inapplicable == {"R3": "if D"}


def test_a_condition_that_cannot_be_shown_counts_as_not_met(specification: Specification) -> None:
    doubtful = Verdict(requirement="R3", judgement="inapplicable", problem="These words are not in the item.")
    found = Coverage(verdicts=(*coverage(R1="met", R2="missing").verdicts, doubtful))
    assert found.share(specification) == 0.5
    assert not found.inapplicable


def test_nothing_is_shown_where_all_is_left_out(specification: Specification) -> None:
    assert coverage(R1="inapplicable", R2="inapplicable", R3="inapplicable").share(specification) == 0.0
    assert Coverage().share(Specification()) == 1.0


def test_what_applies_is_settled_by_the_first_assessment(specification: Specification) -> None:
    first = coverage(R1="met", R2="missing", R3="inapplicable")
    later = coverage(R1="met", R2="inapplicable", R3="missing").held_to(first)
    assert later.share(specification) == first.share(specification) == 5 / 8
    assert later.inapplicable == {"R3": "if D"}
    assert coverage(R1="met", R2="met", R3="missing").held_to(first).share(specification) == 1.0
