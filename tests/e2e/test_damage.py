"""What was kept is damaged, or another version kept it: a message names the next step, and nothing is paid twice."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from papercoder.storage.database import serializer

LATEST = "(SELECT checkpoint_id FROM checkpoints ORDER BY checkpoint_id DESC LIMIT 1)"
GARBAGE = b"\xc1\xff\x00 not what was written"


def write(database: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute(sql, values).rowcount >= 1


def stopped(desk, stage: str = "configuration"):
    return desk.ends(10, *desk.run_options(), "--until", stage)


def goes_on(desk, reference, run: str, *options: str) -> None:
    """Finishes; asked is only what had not been asked before the damage."""
    ended = desk.ends(0, "resume", run, "--json", *options)
    assert desk.tree() == reference.tree
    assert len(desk.requests()) == reference.requests
    assert ended.event("run_finished")["totals"]["dollars"] == pytest.approx(desk.bill())


# --- a checkpoint


ROWS = {
    "checkpoint, garbage": (f"UPDATE checkpoints SET checkpoint = ? WHERE checkpoint_id = {LATEST}", GARBAGE),
    "checkpoint, empty": (f"UPDATE checkpoints SET checkpoint = ? WHERE checkpoint_id = {LATEST}", b""),
    "checkpoint, cut": (
        f"UPDATE checkpoints SET checkpoint = substr(checkpoint, 1, 999) WHERE ? AND checkpoint_id = {LATEST}", 1,
    ),
    "checkpoint, of another type": (f"UPDATE checkpoints SET type = ? WHERE checkpoint_id = {LATEST}", "pickled"),
    "metadata, garbage": (f"UPDATE checkpoints SET metadata = ? WHERE checkpoint_id = {LATEST}", GARBAGE),
    "the paper's text": ("UPDATE store SET value = replace(value, 'scale', ?) WHERE prefix = 'bodies'", "stale"),
    "the paper's text, garbage": ("UPDATE store SET value = ? WHERE prefix = 'bodies'", GARBAGE),
    "the paper's text, gone": ("DELETE FROM store WHERE prefix = ?", "bodies"),
}  # fmt: skip


@pytest.mark.parametrize("damage", [
    pytest.param(name, marks=() if name == "checkpoint, garbage" else pytest.mark.long)
    for name in ROWS
])  # fmt: skip
def test_a_run_whose_checkpoint_is_damaged_begins_afresh_and_asks_nothing_again(desk, reference, damage: str) -> None:
    run = stopped(desk).run
    write(desk.database, *ROWS[damage])
    refused = desk.ends(11, "resume", run, "--json")
    assert f"papercoder resume {run} --afresh" in refused.err
    assert desk.ends(0, "runs", "--json").document[0]["status"] == "failed"
    goes_on(desk, reference, run, "--afresh")


@pytest.mark.long
def test_a_damaged_checkpoint_can_be_looked_at(desk) -> None:
    run = stopped(desk).run
    write(desk.database, *ROWS["checkpoint, garbage"])
    assert "--afresh" in desk.ends(11, "show", run).err


# --- the whole file


def cut(database: Path) -> None:
    """Its end is missing, as after a disk error."""
    checkpointed(database)
    with database.open("r+b") as file:
        file.truncate(database.stat().st_size * 3 // 5)


def overwrite(database: Path) -> None:
    """Pages in the middle are something else's."""
    checkpointed(database)
    pages = database.stat().st_size // 4096
    with database.open("r+b") as file:
        for page in range(12, pages, 5):
            file.seek(page * 4096)
            file.write(b"\xa5" * 4096)


def checkpointed(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("damage", [cut, pytest.param(overwrite, marks=pytest.mark.long)])
def test_what_can_be_read_of_a_damaged_database_is_saved_and_not_paid_for_again(
    desk, reference, damage: Callable[[Path], None]
) -> None:
    run = stopped(desk, "coding").run
    damage(desk.database)
    desk.command("resume", run, "--json")
    saved = desk.ends(0, "salvage").out
    assert "Saved 1 run with" in saved
    kept = {(call.digest, call.attempt) for call in desk.calls("answered")}
    assert f"{len(kept)} answers" in saved
    desk.ends(0, "resume", run, "--json")
    assert desk.tree() == reference.tree
    assert len(desk.requests()) == reference.requests + (reference.requests - len(kept))
    assert list(desk.database.parent.glob("papercoder.db.damaged-1"))


@pytest.mark.parametrize("command", [
    "resume", pytest.param("runs", marks=pytest.mark.long), pytest.param("salvage", marks=pytest.mark.long)
])  # fmt: skip
def test_a_file_that_is_no_database_is_said_to_be_none(desk, command: str) -> None:
    stopped(desk, "planning")
    checkpointed(desk.database)
    desk.database.write_bytes(b"this is not a database, " * 400)
    refused = desk.ends(11, command)
    assert "papercoder salvage" in refused.err if command != "salvage" else "Nothing can be read" in refused.err
    assert desk.database.read_bytes().startswith(b"this is not")


@pytest.mark.long
def test_a_row_of_the_journal_that_cannot_be_read_is_left_out(desk, reference) -> None:
    run = stopped(desk).run
    write(desk.database, "UPDATE calls SET usage = '{' WHERE stage = ?", "logic")
    assert "papercoder salvage" in desk.ends(11, "resume", run, "--json").err
    assert "with 3 answers" in desk.ends(0, "salvage").out
    desk.ends(0, "resume", run, "--json")
    assert desk.tree() == reference.tree
    assert len(desk.requests()) == reference.requests + 1


@pytest.mark.long
def test_a_database_at_work_is_not_salvaged(desk) -> None:
    desk.simulator.set_faults([{"stage": "planning", "kind": "slow", "factor": 100}])
    process = desk.start(*desk.run_options())
    desk.wait_for("arrival", "planning")
    assert f"pid {process.pid}" in desk.ends(8, "salvage").err
    assert process.wait() == 0


# --- another version


class Shape:
    """Is written like an artifact, with other fields; None drops one."""

    def __init__(self, artifact: Any, changes: dict[str, Any]) -> None:
        self._fields = {name: value for name, value in (artifact.model_dump() | changes).items() if value is not None}
        self.__class__ = type(type(artifact).__name__, (Shape,), {"__module__": type(artifact).__module__})

    def model_dump(self) -> dict[str, Any]:
        return self._fields


def reshape(database: Path, artifact: str, changes: dict[str, Any]) -> None:
    """The last checkpoint, as a version would have written it whose artifact has other fields."""
    keeper = serializer()
    with closing(sqlite3.connect(database)) as connection:
        query = f"SELECT type, checkpoint FROM checkpoints WHERE checkpoint_id = {LATEST}"
        checkpoint = keeper.loads_typed(tuple(connection.execute(query).fetchone()))
    checkpoint["channel_values"][artifact] = Shape(checkpoint["channel_values"][artifact], changes)
    sql = f"UPDATE checkpoints SET type = ?, checkpoint = ? WHERE checkpoint_id = {LATEST}"
    write(database, sql, *keeper.dumps_typed(checkpoint))


def test_an_upgrade_between_two_halves_of_a_run_is_told_and_asks_nothing_again(desk, reference) -> None:
    run = stopped(desk).run
    older = "json_set(manifest, '$.versions.langgraph', '0.9', '$.versions.prompts', ?)"
    write(desk.database, f"UPDATE runs SET manifest = {older}", "0123")
    resumed = desk.ends(10, "resume", run, "--until", "configuration", "--json")
    notes = " ".join(resumed.event("run_started")["notes"])
    assert "langgraph was 0.9" in notes
    assert "prompts have changed" in notes
    goes_on(desk, reference, run)


@pytest.mark.parametrize("changes", [
    {"estimate": 3, "base_files": ["x"]}, pytest.param({"open_choices": None}, marks=pytest.mark.long)
])  # fmt: skip
def test_an_artifact_of_another_version_is_read_where_its_form_allows_it(
    desk, reference, changes: dict[str, Any]
) -> None:
    run = stopped(desk).run
    reshape(desk.database, "architecture", changes)
    desk.ends(0, "resume", run, "--json")
    assert len(desk.requests()) == reference.requests


@pytest.mark.parametrize(("artifact", "field"), [
    ("architecture", "entry_point"),
    pytest.param("plan", "summary", marks=pytest.mark.long),
    pytest.param("logic", "tasks", marks=pytest.mark.long),
])  # fmt: skip
def test_an_artifact_that_lacks_what_this_version_needs_is_named_and_made_again_from_its_answer(
    desk, reference, artifact: str, field: str
) -> None:
    run = stopped(desk).run
    reshape(desk.database, artifact, {field: None})
    refused = desk.ends(11, "resume", run, "--json")
    assert field in refused.event("run_failed")["cause"]
    goes_on(desk, reference, run, "--afresh")
