"""An answer is committed before anyone sees it, paid for once, and asked for again when it cannot be used."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from agents import model
from agents.model import ask, close_session, open_session
from papercoder.models.answers import AnswerError, file_answer, json_answer, text_answer
from papercoder.models.recordings import Recorder, Recordings
from papercoder.models.requests import Message, Request
from papercoder.storage.database import DATABASE
from state.errors import AnswerUnusable
from state.plan import Plan


def only(word: str) -> Any:
    """A parser that takes nothing but this word."""

    def parse(text: str) -> str:
        if text != word:
            raise AnswerError(f"{text!r} is not {word!r}")
        return text

    return parse


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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


async def test_an_answer_is_in_the_journal_when_it_is_parsed(bench: Any, tmp_path: Path) -> None:
    bench.script.answers = ["one"]
    committed: list[Any] = []

    def parse(text: str) -> str:
        with sqlite3.connect(tmp_path / DATABASE) as other:
            committed.extend(other.execute("SELECT state, text FROM calls"))
        return text

    await bench.ask(bench.question(parse))
    assert committed == [("answered", b"one")]


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
