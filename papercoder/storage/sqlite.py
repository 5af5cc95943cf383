"""One SQLite file in the home folder."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.store.sqlite.aio import AsyncSqliteStore

from papercoder.storage.bodies import NAMESPACE
from papercoder.storage.database import Database, serializer
from papercoder.storage.journal import Journal
from papercoder.storage.locks import FileLocks, alone
from papercoder.storage.manifests import Manifests
from papercoder.storage.removal import reachable
from papercoder.storage.statements import Outcome, Value
from state.errors import KeptDamaged, OutputError

_PATIENCE = 30.0
"""Seconds to wait for another process that is writing to the same file."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    stage TEXT NOT NULL,
    file TEXT NOT NULL,
    role TEXT NOT NULL,
    round INTEGER NOT NULL,
    sample INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    digest TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL,
    text BLOB,
    finish_reason TEXT NOT NULL DEFAULT '',
    usage TEXT NOT NULL DEFAULT '{}',
    seconds REAL NOT NULL DEFAULT 0,
    dollars REAL,
    error TEXT NOT NULL DEFAULT '',
    trimmed TEXT NOT NULL DEFAULT '[]'
);
CREATE UNIQUE INDEX IF NOT EXISTS calls_answer ON calls (run, digest, sample, attempt) WHERE state = 'answered';
CREATE INDEX IF NOT EXISTS calls_run ON calls (run);
CREATE TABLE IF NOT EXISTS surrenders (run TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kept (
    run TEXT NOT NULL, digest TEXT NOT NULL, text BLOB NOT NULL, PRIMARY KEY (run, digest)
);
CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, created TEXT, manifest TEXT);
"""


class SqliteStatements:
    """One connection, one statement at a time: a write that is refused takes no other one back with it."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._db = connection
        self._busy = asyncio.Lock()  # a look-up under way would keep a write from beginning: `database is locked`

    async def execute(self, sql: str, *values: Value) -> Outcome:
        if sql.startswith("SELECT"):  # one turn of the connection's thread instead of four: every call looks up twice
            async with self._refusals():
                found = await self._db.execute_fetchall(sql, values)
            return Outcome([tuple(row) for row in found], -1)
        async with self._committed(), self._db.execute(sql, values) as cursor:
            rows = [tuple(row) for row in await cursor.fetchall()]
            changed = cursor.rowcount
        return Outcome(rows, changed)

    async def insert(self, table: str, **row: Value) -> int:
        sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
        async with self._committed(), self._db.execute(sql, tuple(row.values())) as cursor:
            number = cursor.lastrowid
        assert number is not None
        return number

    @asynccontextmanager
    async def _committed(self) -> AsyncIterator[None]:
        """Commits what is done in here, and it alone.  Raises `OutputError` where the database refuses."""
        async with self._refusals():
            yield
            await self._db.commit()

    @asynccontextmanager
    async def _refusals(self) -> AsyncIterator[None]:
        async with self._busy:
            try:
                yield
            except sqlite3.OperationalError as error:
                await self._db.rollback()
                raise OutputError(
                    f"The database refuses: {error}.",
                    "Make room if the disk is full, or wait for the process that holds it; then: papercoder resume",
                ) from error


@dataclass(frozen=True)
class SqliteDatabase(Database):
    path: Path

    async def sweep(self) -> None:
        named = await reachable(self.checkpoints)
        async with aiosqlite.connect(self.path) as connection:
            await connection.execute("CREATE TEMP TABLE reachable (key TEXT PRIMARY KEY)")
            await connection.executemany("INSERT INTO reachable VALUES (?)", [(key,) for key in named])
            await connection.execute(
                "DELETE FROM store WHERE prefix = ? AND key NOT IN (SELECT key FROM reachable)", (".".join(NAMESPACE),)
            )
            await connection.commit()
            await connection.execute("VACUUM")
            await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def size(self) -> int:
        """Of the file with its write-ahead log."""
        files = [self.path, self.path.with_name(self.path.name + "-wal")]
        return sum(file.stat().st_size for file in files if file.exists())


@asynccontextmanager
async def open_sqlite(path: Path) -> AsyncIterator[Database]:
    """Opens (or makes) the file.  Each part has a connection of its own, so that commits do not wait for each other."""
    try:
        async with AsyncExitStack() as stack:
            async with alone(
                path.with_name(f"{path.name}.lock")
            ):  # two that make the tables at once get in each other's way
                journal = await stack.enter_async_context(open_sqlite_journal(path))
                checkpoints = AsyncSqliteSaver(await _connection(stack, path), serde=serializer())
                store = AsyncSqliteStore(await _connection(stack, path, isolation_level=None))
                manifests = Manifests(SqliteStatements(await _connection(stack, path)))
                await checkpoints.setup()
                await store.setup()
            locks = FileLocks(path.parent / "locks")
            yield SqliteDatabase(str(path.parent), checkpoints, store, journal, manifests, locks, path)
    except sqlite3.OperationalError as error:
        raise OutputError(
            f"The database {path} cannot be used: {error}.",
            "If another process holds it, wait; if the disk is full, make room; then: papercoder resume",
        ) from error
    except sqlite3.DatabaseError as error:
        raise KeptDamaged(
            f"The database {path} is damaged: {error}.",
            "Save what can be read of it, answers above all: papercoder salvage",
        ) from error


@asynccontextmanager
async def open_sqlite_journal(path: Path) -> AsyncIterator[Journal]:
    """The journal in this file, made where there is none."""
    connection = await aiosqlite.connect(path, timeout=_PATIENCE)
    try:
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = FULL")  # an answer is money: it survives a power cut, too
        await connection.executescript(_SCHEMA)
        await connection.commit()
        yield Journal(SqliteStatements(connection))
    finally:
        await connection.close()


async def _connection(stack: AsyncExitStack, path: Path, **options: Any) -> aiosqlite.Connection:
    return await stack.enter_async_context(aiosqlite.connect(path, timeout=_PATIENCE, **options))
