"""The journal: every model call, committed before anyone sees its answer.

LangGraph writes a checkpoint after a super-step; a process killed in between would pay for its calls twice.  So a
model call is the durable unit here: a row is opened before the request leaves, and holds the answer before `ask`
returns it.  The same question, on resume, after a fork or after an edit in Studio, finds its answer by the digest of
its prompt.  The rows are the ledger, too.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite

from state.errors import KeptDamaged, OutputError
from state.ledger import LedgerEntry, Usage

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
    text TEXT,
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
"""


@dataclass(frozen=True)
class CallKey:
    """Which question of which run.  `digest` alone finds the answer; the rest is for the ledger and for people."""

    run: str
    stage: str
    file: str
    role: str
    round: int
    sample: int
    attempt: int
    digest: str
    trimmed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Completion:
    """One answer of a provider, as it came."""

    text: str
    finish_reason: str
    usage: Usage
    seconds: float
    model: str
    dollars: float | None
    note: str = ""  # what the user should know about where it came from

    @property
    def truncated(self) -> bool:
        return self.finish_reason in ("length", "max_tokens", "MAX_TOKENS")


class Journal:
    """The journal in SQLite.  One connection; aiosqlite serialises its statements."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._db = connection
        self._turn = asyncio.Lock()  # a look-up under way would keep a write from beginning: `database is locked`

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        """Commits what is written in here, and it alone.  Raises `OutputError` where the database refuses."""
        async with self._turn:
            try:
                yield
                await self._db.commit()
            except sqlite3.OperationalError as error:
                await self._db.rollback()
                raise OutputError(
                    f"The database refuses a write: {error}.",
                    "Make room if the disk is full, or wait for the process that holds it; then: papercoder resume",
                ) from error

    async def find(self, key: CallKey) -> Completion | None:
        """The committed answer to this question, if there is one."""
        query = """SELECT text, finish_reason, usage, seconds, model, dollars FROM calls
                   WHERE run = ? AND digest = ? AND sample = ? AND attempt = ? AND state = 'answered'"""
        async with self._turn, self._db.execute(query, (key.run, key.digest, key.sample, key.attempt)) as rows:
            row = await rows.fetchone()
        if row is None:
            return None
        text, finish_reason, usage, seconds, model, dollars = row
        return Completion(text, finish_reason, Usage.model_validate_json(usage), seconds, model, dollars)

    async def open(self, key: CallKey, model: str, reserved: Usage, dollars: float | None) -> int:
        """A request is about to leave: what it may cost at most is on record before it does."""
        async with self._transaction():
            cursor = await self._db.execute(
                """INSERT INTO calls (run, stage, file, role, round, sample, attempt, digest, model, state, usage,
                                      dollars, trimmed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?)""",
                (key.run, key.stage, key.file, key.role, key.round, key.sample, key.attempt, key.digest, model,
                 reserved.model_dump_json(), dollars, json.dumps(key.trimmed)),
            )  # fmt: skip
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    async def answer(self, row: int, completion: Completion) -> None:
        """Commit the answer.  When this returns, the call is never made again."""
        async with self._transaction():
            await self._db.execute(
                """UPDATE calls SET state = 'answered', text = ?, finish_reason = ?, usage = ?, seconds = ?,
                                    dollars = ?, model = ? WHERE id = ?""",
                (completion.text, completion.finish_reason, completion.usage.model_dump_json(), completion.seconds,
                 completion.dollars, completion.model, row),
            )  # fmt: skip

    async def fail(self, row: int, error: str, seconds: float, *, free: bool) -> None:
        """The request failed without an answer.  Unless it is `free`, what it may have cost stays on record."""
        cost = ", usage = '{}', dollars = NULL" if free else ""
        async with self._transaction():
            await self._db.execute(
                f"UPDATE calls SET state = 'failed', error = ?, seconds = ?{cost} WHERE id = ?", (error, seconds, row)
            )

    async def abandon_open(self, run: str) -> int:
        """Called by the one process that holds the run: rows still open were in flight when another died."""
        query = "UPDATE calls SET state = 'abandoned' WHERE run = ? AND state = 'open'"
        async with self._transaction():
            cursor = await self._db.execute(query, (run,))
        return cursor.rowcount

    async def surrender(self, run: str, digest: str) -> None:
        """All attempts at this question failed; a resumed run is allowed as many again."""
        async with self._transaction():
            await self._db.execute("INSERT INTO surrenders VALUES (?, ?)", (run, digest))

    async def surrenders(self, run: str, digest: str) -> int:
        query = "SELECT count(*) FROM surrenders WHERE run = ? AND digest = ?"
        async with self._turn, self._db.execute(query, (run, digest)) as rows:
            row = await rows.fetchone()
        return row[0] if row else 0

    async def ledger(self, run: str) -> list[LedgerEntry]:
        query = """SELECT stage, file, role, round, sample, attempt, model, state, usage, seconds, dollars,
                          finish_reason, error, trimmed FROM calls WHERE run = ? ORDER BY id"""
        async with self._turn, self._db.execute(query, (run,)) as rows:
            names = [column[0] for column in rows.description]
            return [read_entry(dict(zip(names, row, strict=True))) async for row in rows]

    async def forget(self, run: str) -> None:
        await self._db.execute("DELETE FROM calls WHERE run = ?", (run,))
        await self._db.execute("DELETE FROM surrenders WHERE run = ?", (run,))
        await self._db.commit()


def read_entry(values: dict[str, Any]) -> LedgerEntry:
    """A row of the ledger.  `KeptDamaged` where it cannot be one."""
    try:
        return LedgerEntry.model_validate(
            {**values, "usage": json.loads(str(values["usage"])), "trimmed": json.loads(str(values["trimmed"]))}
        )
    except ValueError as error:
        raise KeptDamaged(f"A row of the journal is damaged: {error}.", "Leave it out: papercoder salvage") from error


@asynccontextmanager
async def open_journal(database: Path) -> AsyncIterator[Journal]:
    """The journal in this file, made where there is none."""
    connection = await aiosqlite.connect(database, timeout=30)
    try:
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = FULL")  # an answer is money: it survives a power cut, too
        await connection.executescript(_SCHEMA)
        await connection.commit()
        yield Journal(connection)
    finally:
        await connection.close()
