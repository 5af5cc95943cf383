"""Advisory locks of PostgreSQL: they belong to a session, and are gone with it, however its process ends.

They are taken on the connection that the journal writes to, and taken again when it is made anew.  So nothing is
written to the journal by a process that has lost its run.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

import psycopg

from papercoder.storage.locks import locked
from papercoder.storage.postgres_connection import Connection, Line

_PAUSE = 0.1
_GRACE = 1.0
"""Seconds in which the server learns that a process is dead: it may be finishing its last statement."""

_LOCK, _SHARE = "pg_try_advisory_lock", "pg_try_advisory_lock_shared"
_HOLDER = """
SELECT activity.pid, activity.application_name, activity.application_name = current_setting('application_name')
FROM pg_locks JOIN pg_stat_activity AS activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (classid::bigint << 32 | objid::bigint) = %s AND pid <> pg_backend_pid()
"""
_HELD = """
SELECT classid::bigint << 32 | objid::bigint FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def key_of(name: str) -> int:
    """What PostgreSQL knows a lock by: 64 bits, signed."""
    return int.from_bytes(hashlib.sha256(f"papercoder {name}".encode()).digest()[:8], signed=True)


_WORKING = key_of("working")
_TABLES = key_of("tables")


class PostgresLocks:
    def __init__(self) -> None:
        self._line: Line | None = None
        self._runs: set[str] = set()

    def use(self, line: Line) -> None:
        """The connection to take locks on; it calls `take_again` when it is made anew."""
        self._line = line

    @asynccontextmanager
    async def hold(self, run: str) -> AsyncIterator[None]:
        if run in self._runs:  # a session may take a lock twice
            raise locked(run, "this one")
        line = self._on()
        await line.persist(lambda connection: _take(connection, run))
        self._runs.add(run)
        try:
            yield
        finally:
            self._runs.discard(run)
            await _release(line, ("pg_advisory_unlock", key_of(f"run {run}")), ("pg_advisory_unlock_shared", _WORKING))

    async def held(self, runs: Iterable[str]) -> set[str]:
        async def look(connection: Connection) -> set[int]:
            return {key for (key,) in await (await connection.execute(_HELD)).fetchall()}

        keys = await self._on().persist(look)
        return {run for run in runs if key_of(f"run {run}") in keys}

    @asynccontextmanager
    async def nobody(self) -> AsyncIterator[bool]:
        line = self._on()
        got = not self._runs and await line.persist(
            lambda connection: _try(connection, "pg_try_advisory_lock", _WORKING)
        )
        try:
            yield got
        finally:
            if got:
                await _release(line, ("pg_advisory_unlock", _WORKING))

    def forget(self, run: str) -> None:
        """A lock leaves nothing behind."""

    async def take_again(self, connection: Connection) -> None:
        """Raises `RunLocked` where another process has taken a run in the meantime."""
        for run in self._runs:
            await _take(connection, run)

    def _on(self) -> Line:
        assert self._line
        return self._line


@asynccontextmanager
async def making_tables(connection: Connection) -> AsyncIterator[None]:
    """One process makes tables.  Others ask again and again: one that waited inside a statement would hold up, and
    be held up by, the CREATE INDEX CONCURRENTLY of the one that makes them."""
    await _wait_for(connection, _LOCK, _TABLES)
    try:
        yield
    finally:
        with suppress(psycopg.OperationalError):  # a session that is gone holds nothing
            await connection.execute("SELECT pg_advisory_unlock(%s)", (_TABLES,))


async def _take(connection: Connection, run: str) -> None:
    key, began = key_of(f"run {run}"), time.monotonic()
    while not await _try(connection, _LOCK, key):
        holder = await (await connection.execute(_HOLDER, (key,))).fetchone()
        if holder is None:  # it has just let go
            continue
        pid, name, is_ours = holder
        if is_ours:  # the session before this one: broken on our side, not yet on the server's
            await connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
        elif time.monotonic() - began > _GRACE:
            raise locked(run, " ".join((name or "").split()[2:]))
        await asyncio.sleep(_PAUSE)
    await _wait_for(connection, _SHARE, _WORKING)


async def _wait_for(connection: Connection, function: str, key: int) -> None:
    while not await _try(connection, function, key):  # noqa: ASYNC110 - what another process does sets no event here
        await asyncio.sleep(_PAUSE)


async def _try(connection: Connection, function: str, key: int) -> bool:
    row = await (await connection.execute(f"SELECT {function}(%s)".encode(), (key,))).fetchone()
    assert row
    return bool(row[0])


async def _release(line: Line, *locks: tuple[str, int]) -> None:
    with suppress(psycopg.OperationalError):  # a session that is gone holds nothing
        for function, key in locks:
            if line.live:
                await line.live.execute(f"SELECT {function}(%s)".encode(), (key,))
