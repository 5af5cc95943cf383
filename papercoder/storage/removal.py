"""Bodies that no checkpoint names any more are removed with the run that needed them."""

from collections.abc import Iterator
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from pydantic import BaseModel

from papercoder.storage.bodies import NAMESPACE
from state.artifacts import Body


async def sweep_bodies(database: Path, checkpoints: BaseCheckpointSaver[str]) -> None:
    """Keeps what any checkpoint can reach.  Not while a run is at work: its newest bodies are not named yet."""
    reachable: set[str] = set()
    async for checkpoint in checkpoints.alist(None):
        reachable |= set(_hashes(checkpoint.checkpoint["channel_values"]))
        for _, _, value in checkpoint.pending_writes or []:
            reachable |= set(_hashes(value))
    async with aiosqlite.connect(database) as connection:
        await connection.execute("CREATE TEMP TABLE reachable (key TEXT PRIMARY KEY)")
        await connection.executemany("INSERT INTO reachable VALUES (?)", [(key,) for key in reachable])
        await connection.execute(
            "DELETE FROM store WHERE prefix = ? AND key NOT IN (SELECT key FROM reachable)", (".".join(NAMESPACE),)
        )
        await connection.commit()
        await connection.execute("VACUUM")
        await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _hashes(value: object) -> Iterator[str]:
    if isinstance(value, Body):
        yield value.sha256
    elif isinstance(value, BaseModel):
        for _, field in value:
            yield from _hashes(field)
    elif isinstance(value, dict):
        if isinstance(value.get("sha256"), str):  # a body that was edited in Studio comes as a plain dict
            yield value["sha256"]
        for item in value.values():
            yield from _hashes(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _hashes(item)


def size_of(database: Path) -> int:
    """Bytes of the database with its write-ahead log."""
    files = [database, database.with_name(database.name + "-wal")]
    return sum(file.stat().st_size for file in files if file.exists())
