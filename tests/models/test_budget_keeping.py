"""A budget is never overshot by calls that keep to what they reserved, whatever runs side by side."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papercoder.models import budget as module
from papercoder.models.budget import BudgetKeeper
from state.context import Budget
from state.errors import BudgetSpent
from state.ledger import CallState, LedgerEntry, Usage


def entry(state: CallState, dollars: float | None = 0.5, tokens: int = 100) -> LedgerEntry:
    usage = Usage(input=tokens, output=0)
    return LedgerEntry(stage="coding", role="coder", model="m", state=state, dollars=dollars, usage=usage)


async def test_without_a_budget_everything_is_allowed() -> None:
    keeper = BudgetKeeper(Budget(), [])
    for _ in range(5):
        await keeper.reserve(Usage(input=10**9), 10**6)


async def test_what_was_spent_before_counts() -> None:
    keeper = BudgetKeeper(Budget(dollars=1.0), [entry("answered"), entry("failed", None), entry("open")])
    await keeper.reserve(Usage(), 0.5)
    with pytest.raises(BudgetSpent, match=r"\$0.5000 are spent"):
        await BudgetKeeper(Budget(dollars=1.0), [entry("answered")]).reserve(Usage(), 0.51)


async def test_a_call_that_was_in_flight_at_a_kill_counts_as_spent() -> None:
    with pytest.raises(BudgetSpent, match="100 are spent"):
        await BudgetKeeper(Budget(tokens=150), [entry("abandoned", dollars=None)]).reserve(Usage(input=51), None)


async def test_a_call_whose_answer_was_lost_counts_as_spent_for_it_may_be_billed() -> None:
    with pytest.raises(BudgetSpent, match=r"\$0.5000 are spent"):
        await BudgetKeeper(Budget(dollars=1.0), [entry("failed")]).reserve(Usage(), 0.51)


async def test_the_refusal_says_how_to_go_on() -> None:
    with pytest.raises(BudgetSpent) as refusal:
        await BudgetKeeper(Budget(tokens=10), []).reserve(Usage(input=9, output=2), None)
    assert "may take up to 11" in refusal.value.cause
    assert "papercoder resume --budget" in refusal.value.next_step


async def test_a_call_that_does_not_fit_yet_waits_for_those_in_flight() -> None:
    keeper = BudgetKeeper(Budget(dollars=1.0), [])
    first = await keeper.reserve(Usage(), 0.9)
    second = asyncio.create_task(keeper.reserve(Usage(), 0.5))
    await asyncio.sleep(0.01)
    assert not second.done()
    await keeper.settle(first, Usage(), 0.1)
    assert await second


async def test_a_call_that_will_never_fit_is_refused_when_nothing_is_in_flight() -> None:
    keeper = BudgetKeeper(Budget(dollars=1.0), [])
    first = await keeper.reserve(Usage(), 0.9)
    second = asyncio.create_task(keeper.reserve(Usage(), 0.5))
    await asyncio.sleep(0.01)
    await keeper.settle(first, Usage(), 0.9)
    with pytest.raises(BudgetSpent):
        await second


async def test_time_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = BudgetKeeper(Budget(minutes=1), [])
    await keeper.reserve(Usage(), None)
    now = module.time.monotonic()
    monkeypatch.setattr(module.time, "monotonic", lambda: now + 61)
    with pytest.raises(BudgetSpent, match="1 minutes is spent"):
        await BudgetKeeper.reserve(_idle(keeper), Usage(), None)


def _idle(keeper: BudgetKeeper) -> BudgetKeeper:
    keeper._reserved.clear()
    return keeper


async def test_a_waiting_call_can_be_cancelled() -> None:
    keeper = BudgetKeeper(Budget(tokens=10), [])
    ticket = await keeper.reserve(Usage(input=10), None)
    waiting = asyncio.create_task(keeper.reserve(Usage(input=1), None))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await keeper.settle(ticket, Usage(), None)
    assert await keeper.reserve(Usage(input=10), None)


CALLS = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(0, 3)), min_size=1, max_size=20)


@given(CALLS, st.integers(1, 100), st.randoms(use_true_random=False))
def test_no_interleaving_overshoots(calls: list[tuple[int, int, int]], cap: int, chance: random.Random) -> None:
    spent, refused = asyncio.run(_play(calls, cap, chance))
    assert spent <= cap
    assert spent + refused >= min(cap, sum(most for most, _, _ in calls)) or not refused


async def _play(calls: list[tuple[int, int, int]], cap: int, chance: random.Random) -> tuple[int, int]:
    """What was spent, and the smallest reservation that was refused."""
    keeper = BudgetKeeper(Budget(tokens=cap, dollars=cap), [])
    spent, refused = 0, []

    async def call(most: int, real: int, turns: int) -> None:
        nonlocal spent
        try:
            ticket = await keeper.reserve(Usage(input=most), most)
        except BudgetSpent:
            refused.append(most)
            return
        for _ in range(turns + chance.randrange(3)):
            await asyncio.sleep(0)
        used = min(most, real)
        spent += used
        await keeper.settle(ticket, Usage(input=used), used)

    await asyncio.wait_for(asyncio.gather(*(call(*one) for one in calls)), 10)
    return spent, max(refused, default=0)
