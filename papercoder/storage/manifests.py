"""The manifest of each run: what it works on, with which settings and versions, and how far it is."""

from datetime import UTC, datetime
from typing import Any, Literal

import aiosqlite
from pydantic import BaseModel

from state.context import Context

Status = Literal["running", "stopped", "failed", "finished"]


class RunRecord(BaseModel):
    """The manifest of a run."""

    id: str
    status: Status
    stage: str  # the stage it is in, or was in when it stopped
    title: str = ""
    source: str
    supplements: list[str] = []
    base: str = ""
    output: str
    created: str  # ISO 8601, UTC
    updated: str
    context: Context
    paper_sha256: str = ""
    versions: dict[str, str] = {}  # of papercoder, langgraph, … and "prompts": a digest of all prompt files
    error: str = ""


class Manifests:
    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._db = connection

    async def setup(self) -> None:
        await self._db.execute("CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, created TEXT, manifest TEXT)")
        await self._db.commit()

    async def save(self, record: RunRecord) -> None:
        await self._db.execute(
            "INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", (record.id, record.created, record.model_dump_json())
        )
        await self._db.commit()

    async def update(self, run: str, **changes: Any) -> RunRecord:
        async with self._db.execute("SELECT manifest FROM runs WHERE id = ?", (run,)) as rows:
            row = await rows.fetchone()
        assert row, f"no manifest of {run}"
        record = RunRecord.model_validate_json(row[0]).model_copy(update={**changes, "updated": now()})
        await self.save(record)
        return record

    async def all(self) -> list[RunRecord]:
        """Newest first."""
        async with self._db.execute("SELECT manifest FROM runs ORDER BY created DESC, id DESC") as rows:
            return [RunRecord.model_validate_json(row[0]) async for row in rows]

    async def forget(self, run: str) -> None:
        await self._db.execute("DELETE FROM runs WHERE id = ?", (run,))
        await self._db.commit()


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
