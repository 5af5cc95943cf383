"""An answer is committed before anyone sees it, paid for once, and asked for again when it cannot be used."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents import exchange, model
from agents.model import ask, check_providers, close_session, open_session
from papercoder.models.answers import AnswerError, file_answer, json_answer, text_answer
from papercoder.models.providers import Transient
from papercoder.models.recordings import Recorder, Recordings
from papercoder.models.requests import Message, Request
from papercoder.storage.database import DATABASE
from state.context import Budget, Context, Price
from state.errors import AnswerUnusable, BudgetSpent, InputError, Interrupted, OutputError, ProviderError
from state.ledger import Totals, Usage
from state.plan import Plan

PRICE = Price(input=1, cached=0.5, output=2)


def only(word: str) -> Any:
    """A parser that takes nothing but this word."""

    def parse(text: str) -> str:
        if text != word:
            raise AnswerError(f"{text!r} is not {word!r}")
        return text

    return parse


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def until(happened: Callable[[], object]) -> None:
    while not happened():  # noqa: ASYNC110  what is waited for has no event
        await asyncio.sleep(0.001)


async def test_an_answer_is_asked_for_once(bench: Any) -> None:
    bench.script.answers = ["one"]
    assert await bench.ask(bench.question()) == "one"
    assert await bench.ask(bench.question()) == "one"
    assert len(bench.script.requests) == 1
    assert bench.kinds() == ["call_started", "call_finished", "call_recalled"]


async def test_the_prompt_is_system_then_shared_then_own(bench: Any) -> None:
    bench.script.answers = ["one"]
    await bench.ask(bench.question())
    (request,) = bench.script.requests
    assert request.messages == (Message("system", "S"), Message("user", "P\nT"))
    assert request.max_output_tokens == 16_000
    assert request.schema is None


async def test_another_prompt_another_sample_and_another_run_are_other_questions(bench: Any) -> None:
    bench.script.answers = ["one"]
    session = await bench.session()
    for changes in ({}, {"task": "U"}, {"sample": 1}, {"system": "R"}, {"prefix": "Q"}):
        await bench.ask(bench.question(**changes), session)
    await (await open_session("other", session.context, bench.journal)).answer(bench.question(), bench.emit)
    assert len(bench.script.requests) == 6


async def test_a_resumed_run_may_go_on_with_another_model_and_keeps_its_answers(bench: Any) -> None:
    bench.script.answers = ["one"]
    await bench.ask(bench.question())
    bench.script.model = "test:other"
    assert await bench.ask(bench.question()) == "one"
    assert len(bench.script.requests) == 1


async def test_an_unusable_answer_is_sent_back_with_the_reason(bench: Any) -> None:
    bench.script.answers = ["bad", "good"]
    assert await bench.ask(bench.question(only("good"))) == "good"
    _, second = bench.script.requests
    assert [message.speaker for message in second.messages] == ["system", "user", "assistant", "user"]
    assert second.messages[2].text == "bad"
    assert "'bad' is not 'good'" in second.messages[3].text
    assert second.key.attempt == 2


async def test_only_the_last_unusable_answer_is_sent_back(bench: Any) -> None:
    bench.script.answers = ["bad", "worse", "good"]
    await bench.ask(bench.question(only("good")))
    assert [message.text for message in bench.script.requests[2].messages[2:3]] == ["worse"]
    assert len(bench.script.requests[2].messages) == 4


async def test_an_empty_answer_is_asked_for_again_as_it_was(bench: Any) -> None:
    bench.script.answers = ["", "good"]
    assert await bench.ask(bench.question(only("good"))) == "good"
    first, second = bench.script.requests
    assert first.messages == second.messages


async def test_attempts_are_bounded(bench: Any) -> None:
    bench.script.answers = ["bad"]
    with pytest.raises(AnswerUnusable, match=r"coding of a\.py could be used; the last one: 'bad' is not 'good'"):
        await bench.ask(bench.question(only("good"), file="a.py"), attempts=2)
    assert len(bench.script.requests) == 2


async def test_a_resumed_run_has_fresh_attempts_after_a_surrender(bench: Any) -> None:
    bench.script.answers = ["bad"]
    for calls in (3, 6):
        with pytest.raises(AnswerUnusable):
            await bench.ask(bench.question(only("good")))
        assert len(bench.script.requests) == calls
    bench.script.answers = ["bad", "good"]
    assert await bench.ask(bench.question(only("good"))) == "good"
    assert len(bench.script.requests) == 8
    assert await bench.ask(bench.question(only("good"))) == "good"
    assert len(bench.script.requests) == 8


async def test_an_objection_is_sent_back_once_and_then_accepted_with_a_warning(bench: Any) -> None:
    bench.script.answers = ["first", "second"]
    question = bench.question(objections=lambda text: f"{text} names E9")
    assert await bench.ask(question) == "second"
    assert "first names E9" in bench.script.requests[1].messages[3].text
    assert len(bench.script.requests) == 2
    assert [event.text for event in bench.events if event.kind == "warned"] == [
        "coding: accepted in spite of this: second names E9"
    ]


async def test_an_objection_that_is_met_warns_of_nothing(bench: Any) -> None:
    bench.script.answers = ["first", "second"]
    question = bench.question(objections=lambda text: "no" if text == "first" else "")
    assert await bench.ask(question) == "second"
    assert "warned" not in bench.kinds()


@pytest.mark.parametrize("attempts", [1, 2, 3])
async def test_a_usable_answer_is_not_given_up_for_unusable_ones_after_it(bench: Any, attempts: int) -> None:
    bench.script.answers = ["good", "bad"]
    question = bench.question(only("good"), objections=lambda text: "no")
    assert await bench.ask(question, attempts=attempts) == "good"
    assert len(bench.script.requests) == attempts
    assert bench.kinds()[-1] == "warned"


CODE = "import math\n\n\ndef area(r: float) -> float:\n    return math.pi * r * r\n\n\nprint(area(2.0))\n"
WHOLE = f"FILE: a.py\n```python\n{CODE}```"


@pytest.mark.parametrize("cut", range(25, len(WHOLE) - 1, 7))
@pytest.mark.parametrize("fence", ["", "```python\n", "<think>on</think>", "<think>\non\n</think>\n\n```python\n"])
async def test_a_cut_answer_is_continued_and_joined(bench: Any, an_answer: Any, cut: int, fence: str) -> None:
    partial = WHOLE[:cut]
    kept = partial[: partial.rfind("\n") + 1]
    kept = kept if len(kept) > len(partial) // 2 else partial
    bench.script.answers = [an_answer(partial, "length"), fence + WHOLE[len(kept) :]]
    assert await bench.ask(bench.question(file_answer("a.py"))) == CODE
    _, second = bench.script.requests
    assert second.messages[2] == Message("assistant", kept)
    assert kept.rstrip("\n").splitlines()[-1] in second.messages[3].text


@pytest.mark.parametrize("rest", ["```", "```\n", "```\n\nDone.\n", "```\nRun it:\n```sh\npython a.py\n```\n"])
async def test_a_continuation_that_begins_with_the_closing_fence_closes(bench: Any, an_answer: Any, rest: str) -> None:
    bench.script.answers = [an_answer(f"FILE: a.py\n```python\n{CODE}", "max_tokens"), rest]
    assert await bench.ask(bench.question(file_answer("a.py"))) == CODE


async def test_a_continuation_that_opens_the_fence_again_without_a_language_is_joined(
    bench: Any, an_answer: Any
) -> None:
    head, tail = CODE[: CODE.index("def")], CODE[CODE.index("def") :]
    bench.script.answers = [an_answer(f"FILE: a.py\n```python\n{head}", "length"), f"```\n{tail}```\n"]
    assert await bench.ask(bench.question(file_answer("a.py"))) == CODE


async def test_a_cut_answer_is_never_taken_for_a_whole_one(bench: Any, an_answer: Any) -> None:
    bench.script.answers = [an_answer("word " * 100, "length")]
    with pytest.raises(AnswerUnusable, match="cut off by its length limit"):
        await bench.ask(bench.question(text_answer()))
    assert len(bench.script.requests) == 3


async def test_an_answer_cut_in_its_reasoning_is_asked_for_again(bench: Any, an_answer: Any) -> None:
    bench.script.answers = [an_answer("<think>hm, hm", "length"), "good"]
    assert await bench.ask(bench.question(lambda text: only("good")(text))) == "good"


async def test_a_continued_answer_is_found_again(bench: Any, an_answer: Any) -> None:
    bench.script.answers = [an_answer("FILE: a.py\n```python\nx = 1\n", "length"), "y = 2\n```"]
    for _ in range(2):
        assert await bench.ask(bench.question(file_answer("a.py"))) == "x = 1\ny = 2\n"
    assert len(bench.script.requests) == 2


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


async def test_an_answer_is_in_the_journal_when_it_is_parsed(bench: Any, tmp_path: Path) -> None:
    bench.script.answers = ["one"]
    committed: list[Any] = []

    def parse(text: str) -> str:
        with sqlite3.connect(tmp_path / DATABASE) as other:
            committed.extend(other.execute("SELECT state, text FROM calls"))
        return text

    await bench.ask(bench.question(parse))
    assert committed == [("answered", b"one")]


async def test_a_request_is_on_record_before_it_leaves(bench: Any, tmp_path: Path) -> None:
    async def look(_: Request) -> str:
        with sqlite3.connect(tmp_path / DATABASE) as other:
            ((state, dollars),) = other.execute("SELECT state, dollars FROM calls")
        return f"{state} {dollars > 0}"

    bench.script.answers = [look]
    assert await bench.ask(bench.question(), price=PRICE) == "open True"


@pytest.mark.parametrize("fan_out", [False, True])
async def test_the_same_question_asked_twice_at_once_is_paid_once(bench: Any, fan_out: bool) -> None:
    async def slow(_: Request) -> str:
        await asyncio.sleep(0.01)
        return "one"

    bench.script.answers = [slow]
    session = await bench.session()
    question = bench.question(fan_out=fan_out)
    assert await asyncio.gather(*(bench.ask(question, session) for _ in range(4))) == ["one"] * 4
    assert len(bench.script.requests) == 1


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


async def test_a_schema_is_sent_where_the_endpoint_needs_it(bench: Any) -> None:
    bench.script.answers = ["one"]
    await bench.ask(bench.question(schema=Plan), structured_output="json_schema")
    assert bench.script.requests[0].schema == Plan.model_json_schema()


async def test_answers_are_recorded_as_they_are_given(bench: Any, tmp_path: Path) -> None:
    recordings = Recordings(tmp_path / "recordings")
    bench.script.answers = ["bad", "good"]
    session = await bench.session(Recorder(recordings))
    await bench.ask(bench.question(only("good"), file="a.py"), session)
    assert names_in(tmp_path / "recordings/coding") == ["a.py.attempt-2.md", "a.py.md"]


async def test_only_drifted_recordings_are_renewed(bench: Any, tmp_path: Path) -> None:
    recordings = Recordings(tmp_path / "recordings")
    bench.script.answers = ["old"]
    await bench.ask(bench.question(file="a.py"), await bench.session(Recorder(recordings)))
    await bench.ask(bench.question(file="b.py", task="V"), await bench.session(Recorder(recordings)))
    await bench.journal.forget("run")
    bench.script.answers = ["new"]
    session = await bench.session(Recorder(recordings, only_drifted=True))
    assert await bench.ask(bench.question(file="a.py"), session) == "old"
    assert await bench.ask(bench.question(file="b.py", task="changed"), session) == "new"


async def test_an_unforeseen_error_leaves_the_call_open_for_the_next_process(bench: Any) -> None:
    bench.script.answers = [MemoryError()]
    with pytest.raises(MemoryError):
        await bench.ask(bench.question())
    assert await bench.journal.abandon_open("run") == 1
    (entry,) = await bench.journal.ledger("run")
    assert entry.state == "abandoned"
    assert entry.usage.output == 16_000


async def test_a_server_finds_the_session_of_its_thread(bench: Any) -> None:
    bench.script.answers = ["one"]
    session = await bench.session()

    class Runtime:
        execution_info = type("Info", (), {"thread_id": "run", "run_id": None})
        context = session.context
        stream_writer = staticmethod(bench.emit)

    runtime: Any = Runtime()
    assert await ask(runtime, bench.question()) == "one"
    close_session("run")
    assert "run" not in model._sessions


async def test_json_is_repaired_in_one_turn(bench: Any) -> None:
    good = '{"summary": "s", "method": [{"what": "w", "source": ["E1"]}], "data": [], "experiments": [], "metrics": []}'
    bench.script.answers = [good.replace('"summary": "s", ', ""), f"```json\n{good}\n```"]
    plan = await bench.ask(bench.question(json_answer(Plan)))
    assert plan.summary == "s"
    assert "- summary: Field required" in bench.script.requests[1].messages[3].text
