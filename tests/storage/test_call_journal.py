"""The journal keeps every call, finds every answer, and tells what was in flight when a process died."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from papercoder.storage.database import open_journal
from papercoder.storage.journal import CallKey, Completion, Journal
from papercoder.storage.process import process_journal
from papercoder.storage.sqlite import open_sqlite_journal
from state.errors import OutputError
from state.ledger import Usage

KEY = CallKey(
    run="r", stage="coding", file="a.py", role="coder", round=1, sample=2, attempt=3, digest="d", trimmed=("x", "y")
)
ANSWER = Completion("text\0 é\r\n", "stop", Usage(input=3, cached=1, output=2, estimated=True), 1.5, "openai:m", 0.25)
MOST = Usage(input=100, output=200)


@pytest.fixture
async def journal(tmp_path: Path, database_url: str) -> AsyncIterator[Journal]:
    async with open_journal(tmp_path, database_url) as opened:
        yield opened


async def answered(journal: Journal, key: CallKey = KEY) -> None:
    await journal.answer(await journal.open(key, "openai:m", MOST, 0.5), ANSWER)


async def test_an_answer_comes_back_exactly(journal: Journal) -> None:
    await answered(journal)
    assert await journal.find(KEY) == ANSWER


async def test_an_answer_is_found_by_run_prompt_sample_and_attempt_alone(journal: Journal) -> None:
    await answered(journal)
    assert await journal.find(replace(KEY, stage="x", file="y", role="z", round=9, trimmed=()))
    for other in ({"run": "s"}, {"digest": "e"}, {"sample": 0}, {"attempt": 1}):
        assert await journal.find(replace(KEY, **other)) is None  # type: ignore[arg-type]


async def test_a_call_without_an_answer_is_not_found(journal: Journal) -> None:
    row = await journal.open(KEY, "openai:m", MOST, 0.5)
    assert await journal.find(KEY) is None
    await journal.fail(row, "busy", 2.0, free=True)
    assert await journal.find(KEY) is None


async def test_the_ledger_tells_what_became_of_each_call(journal: Journal) -> None:
    await answered(journal)
    await journal.fail(await journal.open(KEY, "m:1", MOST, 0.5), "busy", 2.0, free=True)
    await journal.open(KEY, "m:2", MOST, 0.5)
    done, failed, flying = await journal.ledger("r")
    assert (done.state, done.usage, done.dollars, done.trimmed, done.round) == (
        "answered",
        ANSWER.usage,
        0.25,
        ("x", "y"),
        1,
    )
    assert (failed.state, failed.error, failed.usage, failed.dollars, failed.seconds) == (
        "failed",
        "busy",
        Usage(),
        None,
        2.0,
    )
    assert (flying.state, flying.usage, flying.dollars) == ("open", MOST, 0.5)


async def test_calls_in_flight_at_a_kill_are_counted_with_what_they_may_have_cost(journal: Journal) -> None:
    await journal.open(KEY, "m:1", MOST, 0.5)
    await journal.open(replace(KEY, run="other"), "m:1", MOST, 0.5)
    assert await journal.abandon_open("r") == 1
    assert await journal.abandon_open("r") == 0
    (entry,) = await journal.ledger("r")
    assert (entry.state, entry.usage, entry.dollars) == ("abandoned", MOST, 0.5)
    assert (await journal.ledger("other"))[0].state == "open"


async def test_an_abandoned_call_can_be_made_again(journal: Journal) -> None:
    await journal.open(KEY, "m:1", MOST, 0.5)
    await journal.abandon_open("r")
    await answered(journal)
    assert await journal.find(KEY) == ANSWER


async def test_one_question_has_one_answer(journal: Journal) -> None:
    await answered(journal)
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        await answered(journal)


async def test_surrenders_are_counted_by_question(journal: Journal) -> None:
    await journal.surrender("r", "d")
    await journal.surrender("r", "d")
    await journal.surrender("r", "e")
    assert [await journal.surrenders(*which) for which in (("r", "d"), ("r", "e"), ("s", "d"))] == [2, 1, 0]


async def test_a_run_is_forgotten_whole_and_alone(journal: Journal) -> None:
    await answered(journal)
    await answered(journal, replace(KEY, run="other"))
    await journal.surrender("r", "d")
    await journal.forget("r")
    assert await journal.ledger("r") == []
    assert await journal.surrenders("r", "d") == 0
    assert len(await journal.ledger("other")) == 1


async def test_an_error_may_hold_any_character(journal: Journal) -> None:
    await journal.fail(await journal.open(KEY, "m", MOST, None), "cut\0 off \ud800", 1.0, free=True)
    assert (await journal.ledger("r"))[0].error == "cut\ufffd off ?"


async def test_an_answer_for_a_call_that_is_gone_is_not_passed_over(journal: Journal) -> None:
    row = await journal.open(KEY, "m", MOST, None)
    await journal.forget("r")
    with pytest.raises(OutputError, match="no longer holds"):
        await journal.answer(row, ANSWER)


async def test_answers_survive_the_process(tmp_path: Path, database_url: str) -> None:
    script = """
import asyncio, os, sys
from pathlib import Path
from papercoder.storage.database import open_journal
from papercoder.storage.journal import CallKey, Completion
from state.ledger import Usage

async def main():
    async with open_journal(Path(sys.argv[1]), sys.argv[2]) as journal:
        key = CallKey("r", "coding", "a.py", "coder", 0, 0, 1, "d")
        row = await journal.open(key, "m", Usage(), None)
        await journal.answer(row, Completion("kept", "stop", Usage(), 0, "m", None))
        await journal.open(CallKey("r", "coding", "b.py", "coder", 0, 0, 1, "e"), "m", Usage(), None)
        os.kill(os.getpid(), 9)

asyncio.run(main())
"""
    ended = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script, str(tmp_path), database_url], capture_output=True, timeout=120
    )
    assert ended.returncode == -9, ended.stderr
    async with open_journal(tmp_path, database_url) as journal:
        found = await journal.find(CallKey("r", "", "", "", 0, 0, 1, "d"))
        assert found
        assert found.text == "kept"
        assert [entry.state for entry in await journal.ledger("r")] == ["answered", "open"]


async def test_many_calls_at_once_are_all_kept(journal: Journal) -> None:
    await asyncio.gather(*(answered(journal, replace(KEY, digest=str(n))) for n in range(40)))
    assert len(await journal.ledger("r")) == 40


async def test_a_server_opens_one_journal_for_all_its_calls(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERCODER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PAPERCODER_DATABASE", database_url)
    opened = await asyncio.gather(*(process_journal() for _ in range(5)))
    assert len(set(map(id, opened))) == 1
    await answered(opened[0])
    assert (tmp_path / "home/papercoder.db").is_file() == (not database_url)
    async with open_journal(tmp_path / "home", database_url) as looked_at:
        assert await looked_at.find(KEY) == ANSWER


def test_a_process_that_used_the_journal_ends_by_itself(tmp_path: Path, database_url: str) -> None:
    script = """
import asyncio, gc
from papercoder.storage.process import process_journal
from papercoder.storage.sqlite import open_sqlite_journal

async def main():
    journals = await asyncio.gather(process_journal(), process_journal())
    gc.collect()
    await asyncio.sleep(0)
    assert await journals[0].ledger("x") == []

asyncio.run(main())
asyncio.run(main())
"""
    environment = {**os.environ, "PAPERCODER_HOME": str(tmp_path), "PAPERCODER_DATABASE": database_url}
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], env=environment, capture_output=True, timeout=120
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


async def test_a_write_that_is_refused_says_what_to_do_and_leaves_nothing_behind(tmp_path: Path) -> None:
    database = tmp_path / "j.db"
    async with open_sqlite_journal(database) as journal:
        await journal._sql.execute("PRAGMA busy_timeout = 10")
        row = await journal.open(KEY, "m:1", MOST, 0.5)
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for write in (journal.open(KEY, "m:2", MOST, 0.5), journal.answer(row, ANSWER)):
                with pytest.raises(OutputError, match="locked") as refusal:
                    await write
                assert "papercoder resume" in refusal.value.next_step
            other.execute("ROLLBACK")
        await journal.answer(row, ANSWER)
        assert [entry.state for entry in await journal.ledger("r")] == ["answered"]


async def test_looking_up_answers_never_stands_in_the_way_of_writing_them(
    journal: Journal, tmp_path: Path, database_url: str
) -> None:
    async def ask(number: int) -> None:
        key = replace(KEY, digest=f"{number}")
        assert await journal.find(key) is None
        assert await journal.surrenders("r", key.digest) == 0
        await journal.answer(await journal.open(key, "m:1", MOST, 0.5), ANSWER)
        assert len(await journal.ledger("r")) > 0

    async with open_journal(tmp_path, database_url) as other:  # as checkpoints and bodies are written beside it
        rows = (other.open(replace(KEY, run="other", digest=f"{number}"), "m:2", MOST, 0.5) for number in range(200))
        await asyncio.gather(*(ask(number) for number in range(50)), *rows)
    assert len(await journal.ledger("r")) == 50


async def test_work_that_was_kept_is_found_by_its_run_and_digest_and_forgotten_with_it(journal: Journal) -> None:
    await journal.keep("r", "d", "what it\0 gave")
    await journal.keep("r", "d", "what a second one gave")  # the first that was seen stands
    await journal.keep("s", "d", "another's")
    assert await journal.recall("r", "d") == "what it\0 gave"
    assert await journal.recall("r", "e") is None
    await journal.forget("r")
    assert [await journal.recall(run, "d") for run in ("r", "s")] == [None, "another's"]
