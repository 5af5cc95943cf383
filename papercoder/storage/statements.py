"""What journal and manifests ask of a database: SQL that SQLite and PostgreSQL read alike."""

from dataclasses import dataclass
from typing import Any, Protocol

Value = str | bytes | int | float | None


@dataclass(frozen=True)
class Outcome:
    """What a statement found, and how many rows it changed."""

    rows: list[tuple[Any, ...]]
    changed: int


class Statements(Protocol):
    """One connection.  Each statement is a transaction of its own: committed, on the disk, when it returns.

    Values stand for `?`.  Where the connection may be lost before the server's word comes back, a statement is done
    again: it must leave the same behind when it is done twice.
    """

    async def execute(self, sql: str, *values: Value) -> Outcome: ...

    async def insert(self, table: str, **row: Value) -> int:
        """Adds one row, once, and returns its id; later rows have larger ids."""
        ...
