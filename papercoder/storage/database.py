"""One SQLite file for everything that runs keep."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.store.sqlite.aio import AsyncSqliteStore

from papercoder.storage.journal import Journal, open_journal
from papercoder.storage.locks import alone
from papercoder.storage.manifests import Manifests
from state import artifacts, pipeline, review

_PATIENCE = 30.0
"""Seconds to wait for another process that is writing to the same file."""


def serializer() -> JsonPlusSerializer:
    """Checkpoints may hold our artifacts and nothing else: an unregistered type would come back as a plain dict."""
    models = [
        (model.__module__, model.__name__)
        for module in (artifacts, pipeline, review)
        for model in vars(module).values()
        if isinstance(model, type) and hasattr(model, "model_fields") and model.__module__ == module.__name__
    ]
    return JsonPlusSerializer(allowed_msgpack_modules=models)


@dataclass(frozen=True)
class Database:
    path: Path
    checkpoints: AsyncSqliteSaver
    store: AsyncSqliteStore
    journal: Journal
    manifests: Manifests


@asynccontextmanager
async def open_database(path: Path) -> AsyncIterator[Database]:
    """Opens (or makes) the file.  Each part has a connection of its own, so that commits do not wait for each other."""
    async with AsyncExitStack() as stack:
        async with alone(
            path.with_name(f"{path.name}.lock")
        ):  # two that make the tables at once get in each other's way
            journal = await stack.enter_async_context(open_journal(path))
            checkpoints = AsyncSqliteSaver(await _connection(stack, path), serde=serializer())
            store = AsyncSqliteStore(await _connection(stack, path, isolation_level=None))
            manifests = Manifests(await _connection(stack, path))
            await checkpoints.setup()
            await store.setup()
            await manifests.setup()
        yield Database(path, checkpoints, store, journal, manifests)


async def _connection(stack: AsyncExitStack, path: Path, **options: Any) -> aiosqlite.Connection:
    return await stack.enter_async_context(aiosqlite.connect(path, timeout=_PATIENCE, **options))
