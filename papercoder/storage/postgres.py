"""Everything that runs keep, in one schema of a PostgreSQL database: several machines may share it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.store.base import Op, Result
from langgraph.store.postgres.aio import AsyncPostgresStore

from papercoder.storage.address import Address
from papercoder.storage.bodies import NAMESPACE
from papercoder.storage.database import Database, serializer
from papercoder.storage.journal import Journal
from papercoder.storage.manifests import Manifests
from papercoder.storage.postgres_connection import SCHEMA, Connection, Line, Outage, PostgresStatements
from papercoder.storage.postgres_locks import PostgresLocks, making_tables
from papercoder.storage.removal import reachable

T = TypeVar("T")

_TABLES = """
CREATE TABLE IF NOT EXISTS calls (
    id BIGSERIAL PRIMARY KEY,
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
    text BYTEA,
    finish_reason TEXT NOT NULL DEFAULT '',
    usage TEXT NOT NULL DEFAULT '{}',
    seconds DOUBLE PRECISION NOT NULL DEFAULT 0,
    dollars DOUBLE PRECISION,
    error TEXT NOT NULL DEFAULT '',
    trimmed TEXT NOT NULL DEFAULT '[]'
);
CREATE UNIQUE INDEX IF NOT EXISTS calls_answer ON calls (run, digest, sample, attempt) WHERE state = 'answered';
CREATE INDEX IF NOT EXISTS calls_run ON calls (run);
CREATE TABLE IF NOT EXISTS surrenders (id BIGSERIAL PRIMARY KEY, run TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, created TEXT NOT NULL, manifest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kept (
    run TEXT NOT NULL, digest TEXT NOT NULL, text BYTEA NOT NULL, PRIMARY KEY (run, digest)
);
"""
_SIZE = """
SELECT (SELECT coalesce(sum(pg_column_size(text)), 0) FROM calls)
     + (SELECT coalesce(sum(pg_column_size(text)), 0) FROM kept)
     + (SELECT coalesce(sum(pg_column_size(value)), 0) FROM store)
     + (SELECT coalesce(sum(pg_column_size(checkpoint) + pg_column_size(metadata)), 0) FROM checkpoints)
     + (SELECT coalesce(sum(pg_column_size(blob)), 0) FROM checkpoint_blobs)
     + (SELECT coalesce(sum(pg_column_size(blob)), 0) FROM checkpoint_writes)
"""


class Checkpoints(AsyncPostgresSaver):
    """LangGraph's, on a connection that may be made anew: it writes nothing that may not be written twice."""

    def __init__(self, line: Line, connection: Connection) -> None:
        super().__init__(connection, serde=serializer())  # type: ignore[arg-type]  # it sets the rows' type itself
        self._line = line

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        aget_tuple = super().aget_tuple
        return await self._persist(lambda: aget_tuple(config))

    async def alist(
        self, config: RunnableConfig | None, *, filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None, limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:  # fmt: skip
        alist = super().alist

        async def whole() -> list[CheckpointTuple]:
            return [one async for one in alist(config, filter=filter, before=before, limit=limit)]

        for one in await self._persist(whole):
            yield one

    async def aput(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:  # fmt: skip
        aput = super().aput
        return await self._persist(lambda: aput(config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        aput_writes = super().aput_writes
        await self._persist(lambda: aput_writes(config, writes, task_id, task_path))

    async def adelete_thread(self, thread_id: str) -> None:
        adelete_thread = super().adelete_thread
        await self._persist(lambda: adelete_thread(thread_id))

    async def _persist(self, work: Callable[[], Awaitable[T]]) -> T:
        async def once(connection: Connection) -> T:
            self.conn = connection  # type: ignore[assignment]
            return await work()

        return await self._line.persist(once)


class Store(AsyncPostgresStore):
    """LangGraph's, on a connection that may be made anew."""

    def __init__(self, line: Line, connection: Connection) -> None:
        super().__init__(connection)  # type: ignore[arg-type]
        self._line = line

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        abatch, batch = super().abatch, list(ops)

        async def once(connection: Connection) -> list[Result]:
            self.conn = connection  # type: ignore[assignment]
            return await abatch(batch)

        return await self._line.persist(once)


@dataclass(frozen=True)
class PostgresDatabase(Database):
    statements: PostgresStatements

    async def sweep(self) -> None:
        """The server gives the room to new rows by itself."""
        named = ",".join(await reachable(self.checkpoints))
        await self.statements.execute(
            "DELETE FROM store WHERE prefix = ? AND key <> ALL (string_to_array(?, ','))", ".".join(NAMESPACE), named
        )

    async def size(self) -> int:
        """Of what the rows hold, as the server keeps it."""
        return int((await self.statements.execute(_SIZE)).rows[0][0])


@asynccontextmanager
async def open_postgres(address: Address) -> AsyncIterator[Database]:
    """Connects, and makes what is missing.  Each part has a connection of its own, so that none waits for another."""
    async with AsyncExitStack() as stack:
        outage, locks = Outage(address), PostgresLocks()
        main, for_checkpoints, for_store = Line(outage, locks.take_again), Line(outage), Line(outage)
        for line in (main, for_checkpoints, for_store):
            stack.push_async_callback(line.close)
        locks.use(main)
        await main.open()
        checkpoints = Checkpoints(for_checkpoints, await for_checkpoints.open())
        store = Store(for_store, await for_store.open())
        await main.persist(lambda connection: _make(connection, checkpoints, store))
        statements = PostgresStatements(main)
        journal, manifests = Journal(statements), Manifests(statements)
        yield PostgresDatabase(f"the {address.name}", checkpoints, store, journal, manifests, locks, statements)


@asynccontextmanager
async def open_postgres_journal(address: Address) -> AsyncIterator[Journal]:
    locks = PostgresLocks()
    line = Line(Outage(address), locks.take_again)
    locks.use(line)
    try:
        await line.open()
        await line.persist(_make)
        yield Journal(PostgresStatements(line), locks)
    finally:
        await line.close()


async def server_version(address: Address) -> str:
    line = Line(Outage(address))
    try:
        connection = await line.open()
        return str(connection.info.parameter_status("server_version")).split()[0]
    finally:
        await line.close()


async def _make(connection: Connection, checkpoints: Checkpoints | None = None, store: Store | None = None) -> None:
    """What is there is left alone: a user who may only read and write can use tables that another has made."""
    async with making_tables(connection):
        if not await _exists(connection, "to_regnamespace", SCHEMA):
            await connection.execute(f"CREATE SCHEMA {SCHEMA}")
        if not await _exists(connection, "to_regclass", f"{SCHEMA}.kept"):  # the newest of them
            await connection.execute(_TABLES)
        for part, versions in ((checkpoints, "checkpoint_migrations"), (store, "store_migrations")):
            if part and await _version(connection, versions) < len(part.MIGRATIONS) - 1:
                await part.setup()


async def _exists(connection: Connection, function: str, name: str) -> bool:
    row = await (await connection.execute(f"SELECT {function}(%s) IS NOT NULL".encode(), (name,))).fetchone()
    return bool(row and row[0])


async def _version(connection: Connection, table: str) -> int:
    """The newest of LangGraph's own changes to its tables that has been made; -1 where there are none."""
    if not await _exists(connection, "to_regclass", f"{SCHEMA}.{table}"):
        return -1
    row = await (await connection.execute(f"SELECT coalesce(max(v), -1) FROM {table}".encode())).fetchone()
    return int(row[0]) if row else -1
