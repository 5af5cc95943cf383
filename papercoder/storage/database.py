"""One database for everything that runs keep: SQLite in the home folder, or PostgreSQL."""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.store.base import BaseStore

from papercoder.storage.address import read_address
from papercoder.storage.journal import Journal
from papercoder.storage.locks import Locks
from papercoder.storage.manifests import Manifests
from state import (
    architecture,
    artifacts,
    assessment,
    body,
    configuration,
    evaluation,
    execution,
    logic,
    pipeline,
    plan,
    published,
    repair,
    requirements,
    review,
    revision,
)
from state.errors import InputError, OutputError

DATABASE = "papercoder.db"
KEPT = (
    architecture, artifacts, assessment, body, configuration, evaluation, execution, logic, pipeline, plan, published,
    repair, requirements, review, revision,
)  # fmt: skip
"""What a checkpoint may hold is defined in these."""
DRIVERS = "'psycopg[binary]' langgraph-checkpoint-postgres"


class DatabaseAway(OutputError):
    """The server went away and did not come back in time.  Everything that was committed is there when it is."""


def serializer() -> JsonPlusSerializer:
    """Checkpoints may hold our artifacts and nothing else: an unregistered type would come back as a plain dict."""
    models = [
        (model.__module__, model.__name__)
        for module in KEPT
        for model in vars(module).values()
        if isinstance(model, type) and hasattr(model, "model_fields") and model.__module__ == module.__name__
    ]
    return JsonPlusSerializer(allowed_msgpack_modules=models)


@dataclass(frozen=True)
class Database(ABC):
    name: str  # what messages call it; never with a password
    checkpoints: BaseCheckpointSaver[str]
    store: BaseStore
    journal: Journal
    manifests: Manifests
    locks: Locks

    @abstractmethod
    async def sweep(self) -> None:
        """Removes the bodies that no checkpoint can reach.  Only while nobody works: the newest are not named yet."""

    @abstractmethod
    async def size(self) -> int:
        """Bytes that runs take."""


def open_database(folder: Path, url: str = "") -> AbstractAsyncContextManager[Database]:
    """The database at this URL, else in the folder; what is missing is made.

    Raises `InputError` for a URL that cannot be read, `OutputError` where the database cannot be used.
    """
    opened: AbstractAsyncContextManager[Database] = (
        _postgres().open_postgres(read_address(url)) if url else _sqlite().open_sqlite(folder / DATABASE)
    )
    return opened


def open_journal(folder: Path, url: str = "") -> AbstractAsyncContextManager[Journal]:
    """The journal alone, for a process that keeps its checkpoints and bodies elsewhere."""
    opened: AbstractAsyncContextManager[Journal] = (
        _postgres().open_postgres_journal(read_address(url))
        if url
        else _sqlite().open_sqlite_journal(folder / DATABASE)
    )
    return opened


async def server_version(url: str) -> str:
    """Raises `InputError` or `OutputError` where the database cannot be used."""
    version: str = await _postgres().server_version(read_address(url))
    return version


def _sqlite() -> Any:
    return import_module("papercoder.storage.sqlite")


def _postgres() -> Any:
    """Each backend brings a driver of its own; only the one in use is loaded."""
    try:
        return import_module("papercoder.storage.postgres")
    except ImportError as error:
        raise InputError(
            f"PostgreSQL needs packages that are not installed ({error.name or error}).",
            f"Install them into papercoder's environment: pip install {DRIVERS}",
        ) from error
