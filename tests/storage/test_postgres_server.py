"""PostgreSQL's own troubles: a server that refuses, hangs up, or loses the word that it has done something."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from benchmarks.postgres import Server
from papercoder.storage.address import masked, read_address
from papercoder.storage.database import Database, DatabaseAway, open_database, open_journal
from papercoder.storage.journal import CallKey, Completion
from state.errors import InputError, OutputError, PapercoderError, RunLocked
from state.ledger import Usage

KEY = CallKey("r", "coding", "a.py", "coder", 0, 0, 1, "d")
ANSWER = Completion("text", "stop", Usage(), 1.0, "m", None)
NOWHERE = Path("/nowhere")


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    async with open_database(NOWHERE, postgres) as opened:
        yield opened


class Wire:
    """Between a client and the server.  While it is `deaf`, the server hears the client, and its answer is lost."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._url = parts
        self.deaf = False
        self.cuts = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """The URL that leads through it."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            user = self._url.netloc.rpartition("@")[0]
            yield urlunsplit(self._url._replace(netloc=f"{user}@127.0.0.1:{port}"))
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(self._host, self._port)
        there = asyncio.create_task(self._copy(reader, inner_writer, answers=False))
        try:
            await self._copy(inner_reader, writer, answers=True)
        finally:
            there.cancel()
            inner_writer.close()
            writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        while data := await reader.read(1 << 16):
            if answers and self.deaf:
                self.deaf, self.cuts = False, self.cuts + 1
                return
            writer.write(data)
            await writer.drain()


async def test_what_was_done_without_our_hearing_of_it_is_not_done_twice(postgres: str) -> None:
    wire = Wire(postgres)
    async with wire.running() as url, open_journal(NOWHERE, url) as journal:
        for cut in (True, False):
            wire.deaf = cut
            row = await journal.open(KEY, "m", Usage(input=1), 0.5)
            wire.deaf = cut
            await journal.answer(row, ANSWER)
            wire.deaf = cut
            assert await journal.find(KEY) == ANSWER
            wire.deaf = cut
            await journal.surrender("r", "d")
            assert await journal.surrenders("r", "d") == 1
            assert [entry.state for entry in await journal.ledger("r")] == ["answered"]
            if cut:
                await journal.forget("r")
        assert wire.cuts == 4


async def test_a_row_whose_commit_was_not_heard_of_is_not_added_again(postgres: str) -> None:
    wire = Wire(postgres)
    async with wire.running() as url, open_journal(NOWHERE, url) as journal:
        plainly = journal._sql.execute  # type: ignore[attr-defined]

        async def execute(sql: str, *values: object) -> object:
            wire.deaf = sql.startswith("INSERT")
            return await plainly(sql, *values)

        journal._sql.execute = execute  # type: ignore[attr-defined]
        await journal.open(KEY, "m", Usage(), None)
        await journal.surrender("r", "d")
        assert wire.cuts == 2
        assert len(await journal.ledger("r")) == 1
        assert await journal.surrenders("r", "d") == 1


async def test_sessions_that_the_administrator_ends_are_made_anew(database: Database, postgres: str) -> None:
    async with database.locks.hold("run"):
        end_sessions(postgres)
        await asyncio.gather(*(database.journal.open(KEY, "m", Usage(), None) for _ in range(5)))
        assert await database.locks.held(["run"]) == {"run"}
        end_sessions(postgres)
        await database.store.aput(("x",), "y", {"z": 1})
        assert await database.checkpoints.aget_tuple({"configurable": {"thread_id": "t"}}) is None
    assert await database.locks.held(["run"]) == set()
    assert len(await database.journal.ledger("r")) == 5


async def test_a_run_that_another_took_in_the_meantime_is_given_up(database: Database, postgres: str) -> None:
    async with open_database(NOWHERE, postgres) as other, database.locks.hold("run"):
        end_sessions(postgres)
        async with other.locks.hold("run"):
            for _ in range(2):
                with pytest.raises(RunLocked, match="pid "):
                    await database.journal.open(KEY, "m", Usage(), None)
        assert await database.journal.open(KEY, "m", Usage(), None)


def end_sessions(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                              WHERE datname = current_database() AND pid <> pg_backend_pid()""")


async def test_many_that_make_the_tables_at_once_take_turns(postgres: str) -> None:
    async def use(number: int) -> None:
        async with open_database(NOWHERE, postgres) as opened:
            await opened.store.aput(("x",), str(number), {"z": number})
            await opened.journal.surrender("r", "d")

    await asyncio.wait_for(asyncio.gather(*(use(number) for number in range(6))), 60)
    async with open_database(NOWHERE, postgres) as opened:
        assert await opened.journal.surrenders("r", "d") == 6


async def test_commits_reach_the_disk_even_where_the_server_s_default_is_not_to_wait(postgres: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {urlsplit(postgres).path[1:]} SET synchronous_commit = off".encode())
    async with open_database(NOWHERE, postgres) as opened:
        shown = await opened.journal._sql.execute("SHOW synchronous_commit")  # type: ignore[attr-defined]
    assert shown.rows == [("on",)]


async def test_a_user_who_may_not_make_tables_can_use_those_of_another(server: Server, postgres: str) -> None:
    name = urlsplit(postgres).path[1:]
    guest = f"guest_{name}"
    url = postgres.replace("//papercoder:", f"//{guest}:")
    with psycopg.connect(postgres, autocommit=True) as owner:
        secret = server.password.replace("'", "''")
        owner.execute(f"CREATE ROLE {guest} LOGIN PASSWORD '{secret}'".encode())
        with pytest.raises(OutputError, match="permission denied") as refusal:
            async with open_database(NOWHERE, url):
                pass
        assert "GRANT CREATE" in refusal.value.next_step
        async with open_database(NOWHERE, postgres):
            pass
        owner.execute(
            f"""GRANT USAGE ON SCHEMA papercoder_home TO {guest};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA papercoder_home TO {guest};
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA papercoder_home TO {guest}""".encode()
        )
        async with open_database(NOWHERE, url) as opened:
            await opened.journal.open(KEY, "m", Usage(), None)
        owner.execute(f"DROP OWNED BY {guest}; DROP ROLE {guest}".encode())


async def test_a_server_that_stays_away_is_waited_for_once(
    server: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERCODER_DATABASE_PATIENCE", "0.5")
    server.stop(at_once=True)
    try:
        with pytest.raises(DatabaseAway, match=r"127\.0\.0\.1.* within 0\.5 s"):
            await database.journal.find(KEY)
        monkeypatch.setenv("PAPERCODER_DATABASE_PATIENCE", "1000")
        waiting = asyncio.create_task(database.store.aput(("x",), "y", {"z": 1}))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    finally:
        server.start()
    await waiting


# --- what is said


@pytest.mark.parametrize(("change", "said", "step"), [
    (("@127", "x@127"), "password authentication failed", "user and password"),
    (("/papers_", "/nothing_"), "does not exist", "createdb"),
    (("127.0.0.1", "nowhere.invalid"), "resolve|name|translate", "host"),
])  # fmt: skip
async def test_a_refusal_names_the_cause_and_the_next_step(
    postgres: str, canary: str, change: tuple[str, str], said: str, step: str
) -> None:
    with pytest.raises(PapercoderError, match=said) as refusal:
        async with open_database(NOWHERE, postgres.replace(*change)):
            pass
    assert step in refusal.value.next_step
    assert not any(part in str(refusal.value) for part in (canary, "ca%2F", "ry@p", "ss word"))
    assert refusal.value.__cause__ is None


async def test_a_server_that_is_not_there(postgres: str) -> None:
    port = urlsplit(postgres).port
    with pytest.raises(OutputError, match=r"on 127\.0\.0\.1:1 cannot be used: .*refused") as refusal:
        async with open_database(NOWHERE, postgres.replace(f":{port}", ":1")):
            pass
    assert "Start the server" in refusal.value.next_step


@pytest.mark.parametrize("url", [
    "mysql://u:canary@h/d", "sqlite:///canary.db", "canary", "canary://", "postgresql+psycopg://u:canary@h/d",
    "postgresql://u:can@ary@h/d", "postgresql://u:can/ary@h/d", "postgresql://u:canary%zz@h/d",
    "postgresql://[canary/d", "postgresql://h/d?canary=1", "postgresql://u:canary@h:port/d",
])  # fmt: skip
async def test_a_url_that_cannot_be_read_is_not_repeated(url: str) -> None:
    with pytest.raises(PapercoderError) as refusal:
        async with open_database(NOWHERE, url):
            pass
    assert "canary" not in str(refusal.value).replace("canary://", "")
    assert "ary@h" not in str(refusal.value)
    assert refusal.value.next_step


@pytest.mark.parametrize(("url", "name", "shown"), [
    ("postgresql://u:s@h:1/d", "PostgreSQL database d on h:1", "postgresql://u@h:1/d"),
    ("postgres://h/d", "PostgreSQL database d on h", "postgres://h/d"),
    ("postgresql://u:s@/d?host=/run/pg&password=s", "PostgreSQL database d on /run/pg", "postgresql://u@/d?host=%2Frun%2Fpg"),
    ("postgresql://", "PostgreSQL database (the default) on this machine", "postgresql://"),
    ("postgresql://u:s@a:1,b:2/d?sslmode=require", "PostgreSQL database d on a:1,b:2", "postgresql://u@a:1,b:2/d?sslmode=require"),
])  # fmt: skip
def test_a_database_is_shown_without_its_password(url: str, name: str, shown: str) -> None:
    assert read_address(url).name == name
    assert masked(url) == shown
    assert "s@" not in repr(read_address(url))


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.startswith("papercoder.storage.postgres")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "langgraph.checkpoint.postgres.aio", None)
    with pytest.raises(InputError) as refusal:
        open_database(NOWHERE, "postgresql://h/d")
    assert "pip install 'psycopg[binary]' langgraph-checkpoint-postgres" in refusal.value.next_step
