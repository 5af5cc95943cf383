"""A process that takes a run over knows what the one before it has asked, spent and left open."""

import pytest

from papercoder.storage.journal import CallKey
from state.context import Budget
from state.errors import BudgetSpent
from state.ledger import Usage


async def test_what_another_has_spent_counts_when_the_turn_is_ours_again(bench) -> None:
    bench.script.answers = ["answer"]
    ours = await bench.session(budget=Budget(tokens=20_000), max_output_tokens=16_000)
    another = await bench.session(max_output_tokens=16_000)
    for sample in range(40):
        await another.answer(bench.question(sample=sample), bench.emit)
    await ours.catch_up()
    assert ours.totals.calls == 40
    with pytest.raises(BudgetSpent):
        await ours.answer(bench.question(sample=40), bench.emit)


async def test_what_another_left_open_is_counted_as_abandoned_and_asked_again(bench) -> None:
    bench.script.answers = ["answer"]
    key = CallKey("run", "coding", "", "coder", 0, 0, 1, "a question")
    await bench.journal.open(key, "test:m", Usage(input=10, output=20), 0.5)
    session = await bench.session()
    await session.catch_up()
    assert session.totals.abandoned == 1
    await session.answer(bench.question(), bench.emit)
    await session.catch_up()
    assert (session.totals.abandoned, session.totals.calls) == (1, 1)
