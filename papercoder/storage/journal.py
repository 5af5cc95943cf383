"""The journal: every model call, committed before anyone sees its answer.

LangGraph writes a checkpoint after a super-step; a process killed in between would pay for its calls twice.  So a
model call is the durable unit here: a row is opened before the request leaves, and holds the answer before `ask`
returns it.  The same question, on resume, after a fork or after an edit in Studio, finds its answer by the digest of
its prompt.  The rows are the ledger, too.

What else takes long and must not be done twice (a run of generated code) is kept here in the same way.
"""

import json
from dataclasses import dataclass
from typing import Any

from papercoder.storage.locks import Locks
from papercoder.storage.statements import Statements
from state.errors import KeptDamaged, OutputError
from state.ledger import LedgerEntry, Usage


@dataclass(frozen=True)
class CallKey:
    """Which question of which run.  `digest` alone finds the answer; the rest is for the ledger and for people."""

    run: str
    stage: str
    file: str
    role: str
    round: int
    sample: int
    attempt: int
    digest: str
    trimmed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Completion:
    """One answer of a provider, as it came."""

    text: str
    finish_reason: str
    usage: Usage
    seconds: float
    model: str
    dollars: float | None
    note: str = ""  # what the user should know about where it came from

    @property
    def truncated(self) -> bool:
        return self.finish_reason in ("length", "max_tokens", "MAX_TOKENS")


class Journal:
    """The journal in tables: `calls`, `surrenders` and `kept`."""

    def __init__(self, statements: Statements, locks: Locks | None = None) -> None:
        self._sql = statements
        self.locks = locks
        """Of a process that has nothing but the journal, where others share it."""

    async def find(self, key: CallKey) -> Completion | None:
        """The committed answer to this question, if there is one."""
        query = """SELECT text, finish_reason, usage, seconds, model, dollars FROM calls
                   WHERE run = ? AND digest = ? AND sample = ? AND attempt = ? AND state = 'answered'"""
        found = await self._sql.execute(query, key.run, key.digest, key.sample, key.attempt)
        if not found.rows:
            return None
        text, finish_reason, usage, seconds, model, dollars = found.rows[0]
        exact = text.decode() if isinstance(text, bytes) else text  # files of the first versions hold strings
        return Completion(exact, finish_reason, Usage.model_validate_json(usage), seconds, model, dollars)

    async def open(self, key: CallKey, model: str, reserved: Usage, dollars: float | None) -> int:
        """A request is about to leave: what it may cost at most is on record before it does."""
        return await self._sql.insert(
            "calls", run=key.run, stage=key.stage, file=key.file, role=key.role, round=key.round, sample=key.sample,
            attempt=key.attempt, digest=key.digest, model=model, state="open", usage=reserved.model_dump_json(),
            dollars=dollars, trimmed=json.dumps(key.trimmed),
        )  # fmt: skip

    async def answer(self, row: int, completion: Completion) -> None:
        """Commit the answer.  When this returns, the call is never made again."""
        done = await self._sql.execute(
            """UPDATE calls SET state = 'answered', text = ?, finish_reason = ?, usage = ?, seconds = ?, dollars = ?,
                                model = ? WHERE id = ?""",
            completion.text.encode(), _plain(completion.finish_reason), completion.usage.model_dump_json(),
            completion.seconds, completion.dollars, _plain(completion.model), row,
        )  # fmt: skip
        if not done.changed:
            raise OutputError(
                "An answer came for a call that the database no longer holds: the run was removed, or the database "
                "was put back to an earlier state.",
                "See what is there: papercoder runs",
            )

    async def fail(self, row: int, error: str, seconds: float, *, free: bool) -> None:
        """The request failed without an answer.  Unless it is `free`, what it may have cost stays on record."""
        cost = ", usage = '{}', dollars = NULL" if free else ""
        await self._sql.execute(
            f"UPDATE calls SET state = 'failed', error = ?, seconds = ?{cost} WHERE id = ?", _plain(error), seconds, row
        )

    async def abandon_open(self, run: str) -> int:
        """Called by the one process that holds the run: rows still open were in flight when another died."""
        done = await self._sql.execute("UPDATE calls SET state = 'abandoned' WHERE run = ? AND state = 'open'", run)
        return done.changed

    async def surrender(self, run: str, digest: str) -> None:
        """All attempts at this question failed; a resumed run is allowed as many again."""
        await self._sql.insert("surrenders", run=run, digest=digest)

    async def surrenders(self, run: str, digest: str) -> int:
        query = "SELECT count(*) FROM surrenders WHERE run = ? AND digest = ?"
        count: int = (await self._sql.execute(query, run, digest)).rows[0][0]
        return count

    async def ledger(self, run: str) -> list[LedgerEntry]:
        query = """SELECT stage, file, role, round, sample, attempt, model, state, usage, seconds, dollars,
                          finish_reason, error, trimmed FROM calls WHERE run = ? ORDER BY id"""
        return [_entry(row) for row in (await self._sql.execute(query, run)).rows]

    async def recall(self, run: str, digest: str) -> str | None:
        """What was kept under this digest."""
        found = await self._sql.execute("SELECT text FROM kept WHERE run = ? AND digest = ?", run, digest)
        return bytes(found.rows[0][0]).decode() if found.rows else None

    async def keep(self, run: str, digest: str, text: str) -> None:
        """Commit it.  When this returns, the work is never done again."""
        query = "INSERT INTO kept (run, digest, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        await self._sql.execute(query, run, digest, text.encode())

    async def forget(self, run: str) -> None:
        await self._sql.execute("DELETE FROM kept WHERE run = ?", run)
        await self._sql.execute("DELETE FROM calls WHERE run = ?", run)
        await self._sql.execute("DELETE FROM surrenders WHERE run = ?", run)


def _plain(text: str) -> str:
    """Words of a provider, which may hold what no database takes as text."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _entry(row: tuple[object, ...]) -> LedgerEntry:
    names = ("stage", "file", "role", "round", "sample", "attempt", "model", "state", "usage", "seconds", "dollars",
             "finish_reason", "error", "trimmed")  # fmt: skip
    return read_entry(dict(zip(names, row, strict=True)))


def read_entry(values: dict[str, Any]) -> LedgerEntry:
    """A row of the ledger.  `KeptDamaged` where it cannot be one."""
    try:
        return LedgerEntry.model_validate(
            {**values, "usage": json.loads(str(values["usage"])), "trimmed": json.loads(str(values["trimmed"]))}
        )
    except ValueError as error:
        raise KeptDamaged(f"A row of the journal is damaged: {error}.", "Leave it out: papercoder salvage") from error
