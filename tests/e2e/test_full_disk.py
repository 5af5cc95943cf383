"""A disk that fills up and a database that another process holds: answers wait, then the run stops, resumable."""

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from papercoder.storage.database import DATABASE

STEPS_BEFORE_LOGIC = 7  # reading; specification, planning and architecture with their gates
SLOW = {"kind": "slow", "factor": 150, "times": 1}


class Disk:
    """A small file system, which can be filled and emptied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, leave: int = 0) -> None:
        """Until so many bytes are left."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (65_536, 4_096):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue
            file.truncate(max(0, file.tell() - leave))

    def empty(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(desk, tmp_path: Path) -> Iterator[Disk]:
    """Of 4 MB; it is gone after the test, whatever still uses it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid():
        pytest.skip("a small file system can be mounted by root only")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Another process writes to the database and does not end."""
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def at_the_logic(desk, home: Path):
    """A run whose question for the logic is on its way, and all before it is on the disk."""
    desk.simulator.set_faults([{"stage": "logic", **SLOW}])
    process = desk.start(*desk.run_options(), "--home", home)
    desk.wait_for("arrival", "logic")
    latest = "SELECT max(json_extract(metadata, '$.step')) FROM checkpoints"
    process.until(lambda: process.has_begun("logic") and written(home / DATABASE, latest) == STEPS_BEFORE_LOGIC)
    return process


def written(database: Path, query: str) -> object:
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        return connection.execute(query).fetchone()[0]


def is_whole(desk, reference, ended, *, abandoned: int = 0) -> None:
    """The repository is the reference; the bill is what the ledger says, give or take what was lost."""
    totals = ended.event("run_finished")["totals"]
    assert desk.tree() == reference.tree
    assert len(desk.requests()) == reference.requests + abandoned
    assert totals["abandoned"] == abandoned
    assert totals["dollars"] <= desk.bill() * (1 + 1e-9)
    assert desk.bill() <= (totals["dollars"] + totals["lost_dollars"]) * (1 + 1e-9)


def test_an_answer_waits_for_room_on_a_full_disk(desk, reference, disk: Disk) -> None:
    process = at_the_logic(desk, disk.folder)
    disk.fill()
    process.until(lambda: "An answer waits" in process.out)
    disk.empty()
    assert process.wait() == 0, process.err
    is_whole(desk, reference, process)


@pytest.mark.long
def test_a_disk_that_stays_full_stops_the_run_and_loses_no_committed_answer(desk, reference, disk: Disk) -> None:
    process = at_the_logic(desk, disk.folder)
    disk.fill()
    assert process.wait() == 7
    assert "database or disk is full" in process.err
    assert "papercoder resume" in process.err
    disk.empty()
    is_whole(desk, reference, desk.ends(0, "resume", "--home", disk.folder, "--json"), abandoned=1)


@pytest.mark.long
@pytest.mark.parametrize("leave", [kilobytes * 1024 for kilobytes in (0, 16, 64, 128, 160, 192, 256)])
def test_a_repository_that_does_not_fit_is_written_when_there_is_room(desk, reference, disk: Disk, leave: int) -> None:
    disk.fill(leave)
    output = disk.folder / "out"
    process = desk.command(*desk.run_options(output=str(output)))
    if process.wait() == 0:  # the files had room, and their history perhaps not
        assert output.is_dir()
    else:
        assert process.wait() == 7, process.err
        assert "Make room" in process.err
        assert [path.name for path in disk.folder.iterdir()] == ["filler"]
        disk.empty()
        desk.ends(0, "resume", "--json")
    assert desk.tree(str(output)) == reference.tree
    assert len(desk.requests()) == reference.requests


@pytest.mark.long
def test_a_database_that_another_process_holds_for_a_while_is_waited_for(desk, reference) -> None:
    process = at_the_logic(desk, desk.database.parent)
    with held(desk.database):
        desk.wait_for("delivered", "logic")
        time.sleep(0.5)
        assert not process.has_begun("configuration")
    assert process.wait() == 0, process.err
    is_whole(desk, reference, process)


@pytest.mark.long
def test_a_database_that_stays_held_stops_the_run_and_loses_no_committed_answer(desk, reference) -> None:
    process = at_the_logic(desk, desk.database.parent)
    with held(desk.database):
        assert process.wait() == 7
    assert "database is locked" in process.err
    assert "papercoder resume" in process.err
    is_whole(desk, reference, desk.ends(0, "resume", "--json"), abandoned=1)
