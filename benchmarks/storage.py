"""How much a run leaves behind, in its home folder or in a PostgreSQL database, in bytes."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

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
    return _storage(sizes, sum(path.stat().st_size for database in databases for path in _with_log(database)))


def server_storage(url: str) -> Storage:
    """The sizes of papercoder's tables; the whole is what they take on the server's disk, indexes and all."""
    sizes: dict[str, int] = {}
    whole = 0
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'papercoder'").fetchall()
        for (table,) in tables:
            sizes[table] = _server_content(connection, table)
            on_disk = connection.execute("SELECT pg_total_relation_size(%s)", (f"papercoder.{table}",)).fetchone()
            whole += on_disk[0] if on_disk else 0
    return _storage(sizes, whole)


def _storage(sizes: dict[str, int], whole: int) -> Storage:
    checkpoints = ("checkpoints", "writes", "checkpoint_blobs", "checkpoint_writes")
    kept = sum(sizes.get(table, 0) for table in checkpoints)
    return Storage(kept, sizes.get("store", 0), sizes.get("calls", 0), whole)


def _server_content(connection: psycopg.Connection, table: str) -> int:
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'papercoder' "
        "AND table_name = %s", (table,),
    ).fetchall()  # fmt: skip
    lengths = [
        sql.SQL("COALESCE(OCTET_LENGTH({}), 0)").format(
            sql.Identifier(name) if kind == "bytea" else sql.SQL("{}::text").format(sql.Identifier(name))
        )
        for name, kind in columns
    ]
    query = sql.SQL("SELECT COALESCE(SUM({}), 0) FROM {}").format(
        sql.SQL(" + ").join(lengths), sql.Identifier("papercoder", table)
    )
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


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
