"""The manifest of each run: what it works on, with which settings and versions, and how far it is."""

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel

from papercoder.storage.statements import Statements
from state.context import Context
from state.estimate import Estimate
from state.evaluation import EvaluationRequest
from state.repair import RepairRequest

Status = Literal["running", "waiting", "stopped", "failed", "finished"]
"""Of a run; one that is waiting needs a person's answer."""


class Remark(BaseModel):
    """What the user of a finished run wanted to be different."""

    text: str
    given: str  # ISO 8601, UTC
    calls: int = 0  # rows of the journal that were there before: those after it are its own, up to the next


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
    estimate: Estimate | None = None  # made when the paper had been read
    evaluation: EvaluationRequest | None = None  # without it and the next: the run makes a repository
    repair: RepairRequest | None = None
    remarks: list[Remark] = []  # each leads to one revision of the state


class Manifests:
    """The manifests in a table, `runs`."""

    def __init__(self, statements: Statements) -> None:
        self._sql = statements

    async def save(self, record: RunRecord) -> None:
        await self._sql.execute(
            """INSERT INTO runs (id, created, manifest) VALUES (?, ?, ?)
               ON CONFLICT (id) DO UPDATE SET created = excluded.created, manifest = excluded.manifest""",
            record.id, record.created, record.model_dump_json(),
        )  # fmt: skip

    async def update(self, run: str, **changes: Any) -> RunRecord:
        found = await self._sql.execute("SELECT manifest FROM runs WHERE id = ?", run)
        assert found.rows, f"no manifest of {run}"
        record = RunRecord.model_validate_json(found.rows[0][0]).model_copy(update={**changes, "updated": now()})
        await self.save(record)
        return record

    async def all(self) -> list[RunRecord]:
        """Newest first."""
        found = await self._sql.execute("SELECT manifest FROM runs ORDER BY created DESC, id DESC")
        return [RunRecord.model_validate_json(manifest) for (manifest,) in found.rows]

    async def forget(self, run: str) -> None:
        await self._sql.execute("DELETE FROM runs WHERE id = ?", run)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
