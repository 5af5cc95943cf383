"""A connection to PostgreSQL that is made anew when it breaks.

A server that is restarted takes its connections with it.  Every statement here leaves the same behind when it is done
twice, so one whose connection broke is done again on a new one, for as long as our patience with an outage lasts.
"""

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from papercoder.storage.address import Address, unreadable
from papercoder.storage.postgres_errors import away, refused
from papercoder.storage.statements import Outcome, Value
from state.errors import InputError

logging.getLogger("psycopg").addHandler(logging.NullHandler())  # what matters is raised; a terminal needs no echo

T = TypeVar("T")
Connection = AsyncConnection[TupleRow]

SCHEMA = "papercoder_home"
"""Of our own, since a database may serve others, too, and `runs` is a common name.

Not `papercoder`: PostgreSQL looks for tables in the schema of the user's own name first, and a server beside us that
connects as a user of that name would find our `runs` in place of its own.
"""

PATIENCE = 60.0
"""Seconds that a server may be away, unless PAPERCODER_DATABASE_PATIENCE says otherwise."""

_PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0)
_DEFAULTS: dict[str, Any] = {
    "connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
    "tcp_user_timeout": 40_000,
}  # fmt: skip
_GOODBYE = ("57P", "08")
"""Classes of errors after which a server hangs up."""

_SESSION = (
    f"SET search_path TO {SCHEMA}",
    """SELECT set_config('synchronous_commit', 'on', false)
       WHERE current_setting('synchronous_commit') IN ('off', 'local')""",  # an answer is money
    "SET tcp_keepalives_idle = 30",  # the server, too, must notice that we are gone: our locks end with the session
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
)


@dataclass
class Outage:
    """How long the server has been away: one clock for all connections to it."""

    address: Address
    since: float | None = None

    def over(self) -> None:
        self.since = None

    async def wait(self, error: psycopg.Error, tried: int) -> None:
        """A pause before the next attempt; raises `DatabaseAway` when patience is spent."""
        patience, now = patience_with_servers(), time.monotonic()
        self.since = self.since or now
        if now - self.since >= patience:
            raise away(self.address, error, patience) from None
        await asyncio.sleep(_PAUSES[min(tried, len(_PAUSES) - 1)])


class Line:
    """One connection.  `begin` is done on each new one before anything else is."""

    def __init__(self, outage: Outage, begin: Callable[[Connection], Awaitable[None]] | None = None) -> None:
        self._outage = outage
        self._begin = begin
        self._options = connection_options(outage.address)
        self._connecting = asyncio.Lock()
        self._connection: Connection | None = None
        self._failures = 0
        self._failure: psycopg.Error | None = None

    async def open(self) -> Connection:
        """Connects for the first time.  Raises `OutputError` at once where that cannot be done."""
        try:
            return await self._connected()
        except psycopg.Error as error:
            raise refused(self._outage.address, error) from None

    @property
    def live(self) -> Connection | None:
        """The connection, as long as it is not known to be broken."""
        return None if self._connection is None or self._connection.closed else self._connection

    async def persist(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Does the work, again if the connection breaks on the way."""
        tried = 0
        while True:
            try:
                done = await work(await self._connected())
            except psycopg.Error as error:
                if not await self._is_broken(error):
                    raise _for_people(self._outage.address, error) from None
                await self._outage.wait(error, tried)
                tried += 1
            else:
                self._outage.over()
                return done

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _is_broken(self, error: psycopg.Error) -> bool:
        """Also where the server has only just said that it is about to hang up."""
        if self.live and (error.sqlstate or "").startswith(_GOODBYE):
            await self.live.close()
        return self.live is None

    async def _connected(self) -> Connection:
        known = self._failures
        async with self._connecting:
            if self._failure and self._failures > known:  # meanwhile: a host that is down may take long to say so
                raise self._failure
            if self.live is None:
                try:
                    self._connection = await self._connect()
                except psycopg.Error as error:
                    self._failures, self._failure = self._failures + 1, error
                    raise
            assert self._connection is not None
            return self._connection

    async def _connect(self) -> Connection:
        connection = await AsyncConnection.connect(**self._options, autocommit=True, prepare_threshold=None)
        try:
            for statement in _SESSION:
                await connection.execute(statement)
            if self._begin:
                await self._begin(connection)
        except BaseException:
            await connection.close()
            raise
        return connection


class PostgresStatements:
    """The statements of journal and manifests, on one connection; psycopg serialises them."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def execute(self, sql: str, *values: Value) -> Outcome:
        query = sql.replace("?", "%s").encode()

        async def once(connection: Connection) -> Outcome:
            cursor = await connection.execute(query, values)
            rows = await cursor.fetchall() if cursor.description else []
            return Outcome(rows, cursor.rowcount)

        return await self._line.persist(once)

    async def insert(self, table: str, **row: Value) -> int:
        """The id is drawn first, so that a row whose commit was not heard of is not added a second time."""
        drawn = await self.execute("SELECT nextval(pg_get_serial_sequence(?, 'id'))", f"{SCHEMA}.{table}")
        number: int = drawn.rows[0][0]
        row = {"id": number, **row}
        marks = ", ".join("?" * len(row))
        sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING"
        await self.execute(sql, *row.values())
        return number


def patience_with_servers() -> float:
    """In seconds."""
    given = os.environ.get("PAPERCODER_DATABASE_PATIENCE", "")
    try:
        return float(given or PATIENCE)
    except ValueError:
        raise InputError(
            f"PAPERCODER_DATABASE_PATIENCE is {given!r}, which is no number of seconds.", "Correct it, or unset it."
        ) from None


def connection_options(address: Address) -> dict[str, Any]:
    """What the driver needs.  Each connection's name tells others who we are, and ourselves which was ours."""
    try:
        given = conninfo_to_dict(address.url)
    except psycopg.ProgrammingError:
        raise unreadable("cannot be read") from None  # the driver's own words may hold a part of the password
    name = f"papercoder {secrets.token_hex(4)} pid {os.getpid()} on {socket.gethostname()}"
    return {**_DEFAULTS, **given, "application_name": name.encode()[:63].decode(errors="ignore")}


def _for_people(address: Address, error: psycopg.Error) -> Exception:
    """What is the server's or its administrator's to mend; a mistake in a statement stays what it is."""
    mendable = (psycopg.OperationalError, psycopg.InternalError, psycopg.errors.InsufficientPrivilege)
    return refused(address, error) if isinstance(error, mendable) else error
