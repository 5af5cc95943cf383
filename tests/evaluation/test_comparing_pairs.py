"""Two repositories against each other: what position does to a verdict, and what it cannot do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papercoder.evaluation.pairs import CRITERIA, Criterion, Trial, compared
from state.judgements import Better, PairJudgement

NAMES = [criterion.id for criterion in CRITERIA]
ALL = len(NAMES) + 1


def said(*better: Better) -> PairJudgement:
    """One word for each criterion, then one for the whole."""
    preferences = [
        {"criterion": name, "reason": f"{name} is {word}", "better": word}
        for name, word in zip(NAMES, better[:-1], strict=False)
    ]
    return PairJudgement.model_construct(
        preferences=PairJudgement.model_validate(
            {"preferences": preferences, "reason": "so", "overall": "equal"}
        ).preferences,
        reason="so",
        overall=better[-1],
    )


def flipped(words: list[Better]) -> list[Better]:
    other: dict[Better, Better] = {"first": "second", "second": "first", "equal": "equal"}
    return [other[word] for word in words]


def test_the_better_one_wins_wherever_it_stands() -> None:
    result = compared(CRITERIA, [Trial(said(*["first"] * ALL), said(*["second"] * ALL))], [], [])
    assert (result.verdict, result.overall, result.criteria_share, result.swayed) == ("A", 1, 1, 0)
    result = compared(CRITERIA, [Trial(said(*["second"] * ALL), said(*["first"] * ALL))], [], [])
    assert (result.verdict, result.overall) == ("B", 0)


@pytest.mark.parametrize("place", ["first", "second"])
def test_a_judge_who_follows_the_place_decides_nothing_and_is_told(place: Better) -> None:
    result = compared(CRITERIA, [Trial(said(*[place] * ALL), said(*[place] * ALL))] * 3, [], [])
    assert (result.verdict, result.overall, result.swayed) == ("equal", 0.5, 1)
    assert {row.winner for row in result.criteria} == {"equal"}


@given(
    st.lists(
        st.lists(st.sampled_from(["first", "second", "equal"]), min_size=ALL, max_size=ALL), min_size=1, max_size=4
    )
)
def test_the_names_of_the_two_do_not_matter(words: list[list[Better]]) -> None:
    orders = [(said(*one), said(*flipped(other))) for one, other in zip(words, words[::-1], strict=True)]
    there = compared(CRITERIA, [Trial(ab, ba) for ab, ba in orders], [], [])
    back = compared(CRITERIA, [Trial(ba, ab) for ab, ba in orders], [], [])
    other = {"A": "B", "B": "A", "equal": "equal"}
    assert back.verdict == other[there.verdict]
    assert back.overall == pytest.approx(1 - there.overall)
    assert [row.winner for row in back.criteria] == [other[row.winner] for row in there.criteria]


def test_criteria_count_by_their_weight() -> None:
    criteria = [Criterion(id="method", text="m", weight=9), Criterion(id="data", text="d", weight=1)]
    trial = Trial(said("first", "second", "first"), said("second", "first", "second"))
    assert compared(criteria, [trial], [], []).criteria_share == pytest.approx(0.9)


def test_a_whole_that_its_criteria_contradict_is_no_verdict() -> None:
    half = (["first"] * len(NAMES), ["second"] * len(NAMES))
    trial = Trial(said(*half[0], "second"), said(*half[1], "first"))
    assert compared(CRITERIA, [trial], [], []).verdict == "equal"


def test_a_criterion_that_no_valid_pair_is_about_does_not_count() -> None:
    trial = Trial(said("first", "first"), said("second", "second"))
    result = compared(CRITERIA, [trial], [], [])
    assert [row.criterion for row in result.criteria] == ["method"]
    assert result.criteria_share == 1


def test_without_a_pair_valid_in_both_orders_there_is_no_verdict() -> None:
    with pytest.raises(ValueError, match="both orders"):
        compared(CRITERIA, [], [], [])
