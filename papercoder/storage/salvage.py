"""What can be read of a damaged database goes into a new one: the journal and the manifests.

Checkpoints and bodies follow from these: a run without a checkpoint begins anew and finds its answers in the journal.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from papercoder.storage.database import open_database
from papercoder.storage.journal import read_entry
from papercoder.storage.manifests import RunRecord
from state.errors import KeptDamaged

_GAP = 1_000
"""Row numbers without a readable row after which a table is at its end, where its last one cannot be read."""

_FILES = ("", "-wal", "-shm")


@dataclass(frozen=True)
class Salvaged:
    """How much was read, and where the damaged database is now."""

    runs: int
    answers: int
    damaged: Path


async def salvage(database: Path) -> Salvaged:
    """Moves the database aside and fills a new one.  `KeptDamaged`, and nothing is moved, if nothing can be read."""
    found = await asyncio.to_thread(_read, database)
    if not found["runs"]:
        raise KeptDamaged(
            f"Nothing can be read of {database}.", "Put a copy in its place, or move it away and begin: papercoder run"
        )
    damaged = await asyncio.to_thread(_move_aside, database)
    async with open_database(database.parent):
        pass  # makes the tables
    await asyncio.to_thread(_write, database, found)
    answers = sum(row["state"] == "answered" for row in found["calls"])
    return Salvaged(len(found["runs"]), answers, damaged)


def _read(database: Path) -> dict[str, list[dict[str, Any]]]:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA writable_schema = ON")  # or a file that lost its end would not be opened at all
        return {
            table: [row for row in _rows(connection, table) if _is_sound(table, row)]
            for table in ("runs", "calls", "surrenders", "kept")
        }


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    """One look-up a row: a page that cannot be read costs its own rows, not those behind it."""
    number = gap = 0
    last = _last(connection, table)
    while number < last or (not last and gap < _GAP):
        number += 1
        gap += 1
        try:
            row = connection.execute(f"SELECT * FROM {table} WHERE rowid = ?", (number,)).fetchone()
        except sqlite3.DatabaseError:
            continue
        if row:
            gap = 0
            yield dict(row)


def _last(connection: sqlite3.Connection, table: str) -> int:
    """The highest row number; 0 where it cannot be read."""
    try:
        return connection.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0
    except sqlite3.DatabaseError:
        return 0


def _is_sound(table: str, row: dict[str, Any]) -> bool:
    try:
        if table == "runs":
            RunRecord.model_validate_json(row["manifest"])
        if table == "calls":
            read_entry(row)
    except (ValueError, KeptDamaged):
        return False
    return True


def _move_aside(database: Path) -> Path:
    number = 1
    while (target := database.with_name(f"{database.name}.damaged-{number}")).exists():
        number += 1
    for suffix in _FILES:
        source = database.with_name(database.name + suffix)
        if source.exists():
            source.rename(target.with_name(target.name + suffix))
    return target


def _write(database: Path, found: dict[str, list[dict[str, Any]]]) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        for table, rows in found.items():
            for row in rows:
                places = ", ".join("?" * len(row))
                connection.execute(
                    f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values())
                )
