"""What a run is expected to take."""

from dataclasses import replace

import pytest

from agents import estimate as estimating
from agents.context import Material
from agents.estimate import Case, estimate
from papercoder.models.tokens import count_tokens
from state.context import Context, Price
from state.paper import Block, Paper, Section

MEASURED = {5: 178_554, 10: 315_933, 20: 590_740, 40: 1_138_191, 100: 3_199_666}
"""Input tokens by number of files on a paper of 8,430 tokens: docs/figures.md."""


def material(tokens: int, **settings: object) -> Material:
    block = Block(id="S1.p1", label="§1 ¶1", kind="paragraph", text="word " * (tokens - 40))
    section = Section(id="S1", label="§1", number="1", title="Method", blocks=(block,))
    return Material(
        context=Context(**{"model": "openai:o3-mini", **settings}), paper=Paper(title="t", sections=(section,))
    )


@pytest.mark.parametrize(("files", "tokens"), MEASURED.items())
def test_the_input_of_measured_runs_comes_out_within_a_tenth(files: int, tokens: int) -> None:
    paper = material(8_430)
    assert 8_300 < count_tokens(paper.paper.markdown()) < 8_500
    stages = list(estimating._stages(paper, Case(files, 1.0, 0.77, 1.0), None))
    assert sum(stage.input for stage in stages) == pytest.approx(tokens, rel=0.1)
    assert sum(stage.calls for stage in stages) == 4 + 2 * files


def test_a_longer_paper_takes_more_of_everything() -> None:
    short, long = estimate(material(3_000)), estimate(material(15_000))
    assert short.files.expected < long.files.expected
    assert short.input.expected < long.input.expected
    assert short.dollars and long.dollars and short.dollars.expected < long.dollars.expected


def test_each_role_is_priced_with_its_own_model() -> None:
    price = Price(input=1, cached=1, output=1)
    dear = material(3_000, price=price)
    free = replace(dear, context=dear.context.model_copy(update={"models": {"coder": "replay:folder"}}))
    one, other = estimate(dear), estimate(free)
    assert one.dollars and other.dollars and other.dollars.expected < one.dollars.expected
    assert other.stages[-1].dollars == 0


def test_one_unknown_price_makes_the_whole_unknown() -> None:
    takes = estimate(material(3_000, models={"coder": "openai:of-my-own"}))
    assert takes.dollars is None
    assert "openai:of-my-own" in takes.basis[-1]
    assert takes.stages[0].dollars
