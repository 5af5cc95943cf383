"""How much a run leaves behind in its home folder, in bytes."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True)
class Storage:
    """Bytes of content by table, and of the whole database with its write-ahead log."""

    checkpoints: int
    store: int
    journal: int
    whole: int


def storage(home: Path) -> Storage:
    """The sizes of all databases below a folder."""
    databases = [path for path in sorted(home.rglob("*")) if path.is_file() and _is_database(path)]
    sizes: dict[str, int] = {}
    for path in databases:
        for table, size in _tables(path).items():
            sizes[table] = sizes.get(table, 0) + size
    return Storage(
        checkpoints=sizes.get("checkpoints", 0) + sizes.get("writes", 0),
        store=sizes.get("store", 0),
        journal=sizes.get("calls", 0),
        whole=sum(path.stat().st_size for database in databases for path in _with_log(database)),
    )


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _with_log(database: Path) -> list[Path]:
    log = database.with_name(database.name + "-wal")
    return [database, log] if log.exists() else [database]


def _tables(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: _content(connection, name) for name in names}


def _content(connection: sqlite3.Connection, table: str) -> int:
    """Bytes of all values, without pages, indexes and free space: these depend on SQLite rather than on us."""
    columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    lengths = " + ".join(f'COALESCE(LENGTH(CAST("{column}" AS BLOB)), 0)' for column in columns)
    (size,) = connection.execute(f'SELECT COALESCE(SUM({lengths}), 0) FROM "{table}"').fetchone()
    return int(size)
