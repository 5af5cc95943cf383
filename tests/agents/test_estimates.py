"""What a run is expected to take."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from agents.calls import Case, calls_of
from agents.context import Material
from agents.estimate import estimate
from benchmarks.paper import paper_text
from papercoder.documents.sources import read_sources
from state.context import Context, Price
from state.paper import Block, Paper, Section

EXAMPLE = Path(__file__).parents[2] / "examples" / "paper" / "paper.tex"
FITTED = {5: (34, 322_171), 10: (54, 548_012), 20: (94, 1_005_256)}
"""Calls and input tokens with reviews that find nothing, by number of files: the constants were fitted on these runs
of the example's paper, and on a longer paper's."""


HELD_AGAINST = {0.0: (74, 973_420), 1.0: (147, 2_060_878)}
"""The same for 15 files of another paper, without revisions and with one of every artifact: not used for fitting."""


def read(source: Path, folder: Path) -> Material:
    paper = read_sources(str(source), [], folder, served=False)
    return Material(
        context=Context(model="openai:o3-mini", tests=False, execute=False), paper=paper
    )  # as they were measured


def totals(material: Material, case: Case) -> tuple[float, float]:
    calls = list(calls_of(material, case))
    return sum(one.count for one in calls), sum(one.count * one.input for one in calls)


def material(tokens: int, **settings: object) -> Material:
    block = Block(id="S1.p1", label="§1 ¶1", kind="paragraph", text="word " * (tokens - 40))
    section = Section(id="S1", label="§1", number="1", title="Method", blocks=(block,))
    return Material(
        context=Context(**{"model": "openai:o3-mini", **settings}), paper=Paper(title="t", sections=(section,))
    )


@pytest.mark.parametrize(("files", "measured"), FITTED.items())
def test_the_runs_that_it_was_fitted_on_come_out(files: int, measured: tuple[int, int], tmp_path: Path) -> None:
    calls, tokens = totals(read(EXAMPLE, tmp_path), Case(files, 1.0, 0.75, 1.0))
    assert calls == measured[0]
    assert tokens == pytest.approx(measured[1], rel=0.05)


@pytest.mark.parametrize(("revised", "measured"), HELD_AGAINST.items())
def test_runs_that_it_was_not_fitted_on_come_out(revised: float, measured: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "paper.tex").write_text(paper_text(), encoding="utf-8")
    calls, tokens = totals(read(tmp_path / "paper.tex", tmp_path), Case(15, 1.0, 0.75, 1.0, revised))
    assert calls == measured[0]
    assert tokens == pytest.approx(measured[1], rel=0.05)


def asked(**settings: object) -> Counter[tuple[str, str]]:
    """Calls by stage and role, with every artifact revised once where that is allowed."""
    calls = calls_of(material(3_000, **settings), Case(5, 1.0, 0.75, 1.0, revised=1.0))
    counts: Counter[tuple[str, str]] = Counter()
    for one in calls:
        counts[one.stage, one.role] += int(one.count)
    return counts


def test_calls_follow_the_settings() -> None:
    plain = asked(rounds=0, repairs=0, assess=False)
    assert not [role for _, role in +plain if role in ("critic", "debugger", "assessor")]
    assert plain["coding", "coder"] == 5
    reviewed = asked()
    assert (reviewed["coding", "coder"], reviewed["coding", "critic"]) == (10, 10)
    assert (reviewed["integration", "debugger"], reviewed["assessment", "coder"]) == (1, 1)
    assert (asked(rounds=0, notebook=True) - asked(rounds=0)) == Counter({("walkthrough", "guide"): 1})
    some = asked(critique=["planning"])
    assert (some["planning", "critic"], some["coding", "critic"], some["coding", "coder"]) == (2, 0, 5)


def test_reviews_cost_money_and_time() -> None:
    with_reviews, without = (estimate(material(3_000, rounds=rounds, assess=rounds > 0)) for rounds in (1, 0))
    assert with_reviews.dollars and without.dollars
    assert with_reviews.dollars.expected > 1.3 * without.dollars.expected
    assert with_reviews.seconds.expected > without.seconds.expected
    assert any("No critic" in line for line in without.basis)


def test_a_longer_paper_takes_more_of_everything() -> None:
    short, long = estimate(material(3_000)), estimate(material(15_000))
    assert short.files.expected < long.files.expected
    assert short.input.expected < long.input.expected
    assert short.seconds.expected < long.seconds.expected
    assert short.dollars and long.dollars and short.dollars.expected < long.dollars.expected


def test_an_estimate_ends_with_the_stage_that_was_asked_for() -> None:
    some = estimate(material(3_000), "planning")
    assert [stage.stage for stage in some.stages] == ["specification", "planning"]
    assert some.seconds.expected < estimate(material(3_000)).seconds.expected


def test_each_role_is_priced_with_its_own_model() -> None:
    price = Price(input=1, cached=1, output=1)
    dear = material(3_000, price=price)
    free = replace(dear, context=dear.context.model_copy(update={"models": {"critic": "replay:folder"}}))
    one, other = estimate(dear), estimate(free)
    assert one.dollars and other.dollars and other.dollars.expected < one.dollars.expected
    costs = [{stage.stage: stage.dollars or 0.0 for stage in takes.stages} for takes in (one, other)]
    assert costs[1]["specification"] == costs[0]["specification"]
    assert costs[1]["coding"] < costs[0]["coding"]


def test_one_unknown_price_makes_the_whole_unknown() -> None:
    takes = estimate(material(3_000, models={"coder": "openai:of-my-own"}))
    assert takes.dollars is None
    assert "openai:of-my-own" in takes.basis[-1]
    assert takes.stages[0].dollars
