"""A request is on record before it leaves, tried again where that helps, and never over a budget."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents import exchange
from agents.model import check_providers
from papercoder.models.providers import Transient
from papercoder.models.requests import Request
from papercoder.storage.database import DATABASE
from state.context import Budget, Context, Price
from state.errors import BudgetSpent, InputError, Interrupted, OutputError, ProviderError
from state.ledger import Totals, Usage

PRICE = Price(input=1, cached=0.5, output=2)


async def until(happened: Callable[[], object]) -> None:
    while not happened():  # noqa: ASYNC110  what is waited for has no event
        await asyncio.sleep(0.001)


async def test_what_may_pass_is_tried_again_and_each_try_is_in_the_ledger(bench: Any) -> None:
    bench.script.answers = [Transient("busy"), Transient("busy", retry_after=0.002), "good"]
    session = await bench.session()
    assert await bench.ask(bench.question(), session) == "good"
    assert bench.waits == [0.001, 0.002]
    assert [entry.state for entry in await bench.journal.ledger("run")] == ["failed", "failed", "answered"]
    assert (session.totals.calls, session.totals.failed) == (1, 2)


async def test_retries_are_bounded(bench: Any) -> None:
    bench.script.answers = [Transient("busy")]
    with pytest.raises(ProviderError, match="failed 3 times at coding; the last time: busy"):
        await bench.ask(bench.question(), retries=2)


async def test_nobody_waits_for_hours(bench: Any) -> None:
    bench.script.answers = [Transient("busy", retry_after=3_600)]
    with pytest.raises(ProviderError, match="failed 1 times"):
        await bench.ask(bench.question())


async def test_what_will_not_pass_is_not_tried_again(bench: Any) -> None:
    bench.script.answers = [ProviderError("refused", "pay")]
    with pytest.raises(ProviderError, match="refused"):
        await bench.ask(bench.question())
    (entry,) = await bench.journal.ledger("run")
    assert (entry.state, entry.error, entry.dollars) == ("failed", "refused\npay", None)


def test_the_pause_between_tries_grows_to_a_minute() -> None:
    assert all(0.5 * 2**n <= exchange._back_off(n) <= 2**n for n in range(6))
    assert 30 <= exchange._back_off(20) <= 60


async def test_a_stopped_run_finishes_what_is_in_flight_and_begins_nothing(bench: Any) -> None:
    gate = asyncio.Event()

    async def slow(_: Request) -> str:
        await gate.wait()
        return "one"

    bench.script.answers = [slow]
    session = await bench.session()
    flying = asyncio.create_task(bench.ask(bench.question(), session))
    await until(lambda: bench.script.requests)
    session.stop()
    with pytest.raises(Interrupted, match="stopped"):
        await bench.ask(bench.question(task="U"), session)
    gate.set()
    assert await flying == "one"
    assert await bench.ask(bench.question(), session) == "one"


async def test_a_stop_ends_a_pause_at_once(bench: Any) -> None:
    bench.script.answers = [Transient("busy", retry_after=250)]
    session = await bench.session()
    waiting = asyncio.create_task(bench.ask(bench.question(), session))
    await until(lambda: bench.waits)
    session.stop()
    with pytest.raises(Interrupted):
        await asyncio.wait_for(waiting, 2)


async def test_an_answer_that_cannot_be_committed_is_not_returned(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.script.answers = ["one"]
    session = await bench.session()
    seen: list[str] = []

    async def fail(row: int, completion: Any) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(bench.journal, "answer", fail)
    with pytest.raises(sqlite3.OperationalError):
        await bench.ask(bench.question(seen.append), session)
    assert seen == []
    monkeypatch.undo()
    assert [entry.state for entry in await bench.journal.ledger("run")] == ["open"]


async def full(row: int, completion: Any) -> None:
    raise OutputError("disk full")


async def test_an_answer_waits_for_room_and_no_call_begins_meanwhile(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.script.answers = ["one"]
    session = await bench.session()
    monkeypatch.setattr(bench.journal, "answer", full)
    first = asyncio.create_task(bench.ask(bench.question(), session))
    await until(lambda: "warned" in bench.kinds())
    second = asyncio.create_task(bench.ask(bench.question(task="U"), session))
    await asyncio.sleep(0.01)
    assert len(bench.script.requests) == 1
    monkeypatch.delattr(bench.journal, "answer")
    assert await asyncio.gather(first, second) == ["one", "one"]


async def test_no_call_begins_after_an_answer_that_could_not_be_kept(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.script.answers = ["one"]
    session = await bench.session()
    monkeypatch.setattr(exchange, "COMMIT_PATIENCE", -1.0)
    monkeypatch.setattr(bench.journal, "answer", full)
    for task in "TUV":
        with pytest.raises(OutputError, match="disk full"):
            await bench.ask(bench.question(task=task), session)
    assert len(bench.script.requests) == 1


async def test_a_call_that_hangs_ends_with_the_time_and_may_be_billed(bench: Any) -> None:
    async def hang(_: Request) -> str:
        await asyncio.Event().wait()
        return ""

    bench.script.answers = [hang]
    session = await bench.session(budget=Budget(minutes=0.001), price=PRICE)
    with pytest.raises(BudgetSpent, match=r"0.001 minutes is spent"):
        await bench.ask(bench.question(), session)
    (entry,) = await bench.journal.ledger("run")
    assert (entry.state, entry.usage.output) == ("failed", 16_000)
    assert session.totals.lost == 1
    assert session.totals.lost_dollars > 0


async def test_a_pause_ends_with_the_time(bench: Any) -> None:
    bench.script.answers = [Transient("busy", retry_after=250, free=True)]
    with pytest.raises(BudgetSpent):
        await bench.ask(bench.question(), budget=Budget(minutes=0.001))
    (entry,) = await bench.journal.ledger("run")
    assert (entry.state, entry.usage) == ("failed", Usage())


async def test_a_request_is_on_record_before_it_leaves(bench: Any, tmp_path: Path) -> None:
    async def look(_: Request) -> str:
        with sqlite3.connect(tmp_path / DATABASE) as other:
            ((state, dollars),) = other.execute("SELECT state, dollars FROM calls")
        return f"{state} {dollars > 0}"

    bench.script.answers = [look]
    assert await bench.ask(bench.question(), price=PRICE) == "open True"


async def test_calls_in_flight_are_limited(bench: Any) -> None:
    flying, most, full = 0, 0, asyncio.Event()

    async def slow(_: Request) -> str:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        if flying == 3:
            full.set()
        await asyncio.wait_for(full.wait(), 60)
        await asyncio.sleep(0.002)
        flying -= 1
        return "one"

    bench.script.answers = [slow]
    session = await bench.session(concurrency=3)
    await asyncio.gather(*(bench.ask(bench.question(task=str(n)), session) for n in range(12)))
    assert most == 3


async def test_a_fan_out_streams_its_first_request_alone(bench: Any) -> None:
    bench.script.answers = ["one"]
    session = await bench.session()
    await asyncio.gather(*(bench.ask(bench.question(task=str(n), fan_out=True), session) for n in range(4)))
    assert [bool(request.on_first_token) for request in bench.script.requests] == [True, False, False, False]


async def test_totals_are_the_sum_of_the_ledger(bench: Any, an_answer: Any) -> None:
    bench.script.answers = ["one", an_answer("two", dollars=None), Transient("busy", free=True), "three"]
    session = await bench.session()
    for task in "abc":
        await bench.ask(bench.question(task=task), session)
    totals = session.totals
    assert totals == Totals(calls=3, failed=1, usage=Usage(input=300, cached=60, output=30), dollars=0.5, unpriced=1)
    assert totals == Totals.of(await bench.journal.ledger("run"))
    finished = [event for event in bench.events if event.kind == "call_finished"]
    assert finished[-1].totals == totals


async def test_a_budget_stops_before_the_call_that_would_exceed_it(bench: Any) -> None:
    bench.script.answers = ["one"]
    budget = Budget(dollars=0.28)
    session = await bench.session(budget=budget, price=PRICE, max_output_tokens=20_000)
    await bench.ask(bench.question(), session)
    with pytest.raises(BudgetSpent):
        await bench.ask(bench.question(task="U"), session)
    resumed = await bench.session(budget=Budget(dollars=0.4), price=PRICE, max_output_tokens=20_000)
    assert await bench.ask(bench.question(task="U"), resumed) == "one"


async def test_a_budget_in_dollars_needs_a_price(bench: Any) -> None:
    with pytest.raises(InputError, match="price of test:m is unknown"):
        await bench.session(budget=Budget(dollars=1))
    with pytest.raises(InputError, match="price of test:m is unknown"):
        check_providers(Context(model="test:m", budget=Budget(dollars=1)))


async def test_a_prompt_over_the_window_is_not_sent(bench: Any) -> None:
    bench.script.answers = ["one"]
    with pytest.raises(InputError, match="exceeds the window of 20,000"):
        await bench.ask(bench.question(prefix="word " * 5_000), context_window=20_000)
    assert not bench.script.requests


async def test_an_unforeseen_error_leaves_the_call_open_for_the_next_process(bench: Any) -> None:
    bench.script.answers = [MemoryError()]
    with pytest.raises(MemoryError):
        await bench.ask(bench.question())
    assert await bench.journal.abandon_open("run") == 1
    (entry,) = await bench.journal.ledger("run")
    assert entry.state == "abandoned"
    assert entry.usage.output == 16_000
