"""Of the processes that share a journal, one at a time asks for a run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from papercoder.storage import turns
from papercoder.storage.database import open_database
from papercoder.storage.locks import Locks
from papercoder.storage.turns import Turn
from state.errors import RunLocked

RUN = "a-run"


@pytest.fixture
async def two_locks(tmp_path: Path, database_url: str) -> AsyncIterator[list[Locks]]:
    """As two processes have them."""
    async with AsyncExitStack() as stack:
        yield [(await stack.enter_async_context(open_database(tmp_path, database_url))).locks for _ in range(2)]


async def nothing() -> None:
    pass


async def test_the_second_waits_until_the_first_has_no_question_in_flight(two_locks: list[Locks]) -> None:
    told: list[str] = []

    def told_by(name: str):
        async def taken() -> None:
            told.append(f"{name} takes")

        return taken

    one, two = (Turn(locks, RUN, told_by(name)) for locks, name in zip(two_locks, ("one", "two"), strict=True))

    async def ask(turn: Turn, name: str, first: asyncio.Event, last: asyncio.Event) -> None:
        async with turn():
            first.set()
            await last.wait()
            told.append(f"{name} asked")

    begun, done, let = asyncio.Event(), asyncio.Event(), asyncio.Event()
    let.set()
    questions = [asyncio.create_task(ask(one, "one", begun, done)) for _ in range(3)]
    await begun.wait()
    other = asyncio.create_task(ask(two, "two", asyncio.Event(), let))
    await asyncio.sleep(0.3)
    done.set()
    await asyncio.gather(*questions, other)
    assert told == ["one takes", *["one asked"] * 3, "two takes", "two asked"]


async def test_who_is_cancelled_while_waiting_leaves_no_lock_behind(two_locks: list[Locks]) -> None:
    one, two = (Turn(locks, RUN, nothing) for locks in two_locks)
    for pause in (0, 0.01, 0.4):
        async with one():
            waiting = asyncio.create_task(two().__aenter__())
            await asyncio.sleep(pause)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        async with asyncio.timeout(30), one():
            pass


async def test_what_goes_wrong_at_the_beginning_of_a_turn_gives_it_back(two_locks: list[Locks]) -> None:
    async def broken() -> None:
        raise OSError("the journal cannot be read")

    one, two = Turn(two_locks[0], RUN, broken), Turn(two_locks[1], RUN, nothing)
    with pytest.raises(OSError, match="cannot be read"):
        await one().__aenter__()
    async with asyncio.timeout(30), two():
        pass


async def test_a_turn_that_is_never_given_back_ends_the_run_that_waits(
    two_locks: list[Locks], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.3)
    one, two = (Turn(locks, RUN, nothing) for locks in two_locks)
    async with one():
        with pytest.raises(RunLocked, match=RUN):
            await two().__aenter__()


async def test_where_nobody_else_shares_the_journal_there_is_nothing_to_wait_for() -> None:
    one, two = (Turn(None, RUN, nothing) for _ in range(2))
    async with one(), two():
        pass
