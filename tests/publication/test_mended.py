"""Edits are written back whole, and never over what somebody else wrote."""

import os
from pathlib import Path

import pytest

from papercoder.publication.mended import check_clean, write_back
from state.errors import InputError, OutputError
from tests.git import git

BEFORE = {"a.py": "one\r\n", "run.sh": "true\n", "b.py": "two\n"}
AFTER = {"a.py": "ONE\r\n", "run.sh": "false\n", "b.py": "two\n"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for path, text in BEFORE.items():
        (tmp_path / path).write_bytes(text.encode())
    (tmp_path / "run.sh").chmod(0o755)
    return tmp_path


def with_history(folder: Path) -> None:
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "theirs")


def test_line_ends_and_modes_stay(repository: Path) -> None:
    done = write_back(repository, BEFORE, AFTER, "Repair")
    assert (repository / "a.py").read_bytes() == b"ONE\r\n"
    assert os.access(repository / "run.sh", os.X_OK)
    assert (done.files, done.commit) == (2, "")
    assert "working tree" in done.warnings[0]


def test_where_one_file_has_changed_nothing_is_written(repository: Path) -> None:
    (repository / "run.sh").write_text("mine\n")
    with pytest.raises(OutputError, match=r"run\.sh has changed"):
        write_back(repository, BEFORE, AFTER, "Repair")
    assert (repository / "a.py").read_bytes() == BEFORE["a.py"].encode()


def test_the_commit_holds_the_edits_and_nothing_else_and_runs_no_hook(repository: Path) -> None:
    with_history(repository)
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ran\nexit 1\n")
    hook.chmod(0o755)
    (repository / "notes.txt").write_text("not known to git\n")
    done = write_back(repository, BEFORE, AFTER, "Repair: it raised\n\nIt runs.")
    assert git(repository, "show", "--name-only", "--format=%s", "HEAD").split() == [
        "Repair:", "it", "raised", "a.py", "run.sh",
    ]  # fmt: skip
    assert done.commit == git(repository, "rev-parse", "HEAD")
    assert not (repository / "ran").exists()


def test_what_a_kill_left_half_done_is_finished(repository: Path) -> None:
    with_history(repository)
    (repository / "a.py").write_bytes(AFTER["a.py"].encode())
    once = write_back(repository, BEFORE, AFTER, "Repair")
    assert write_back(repository, BEFORE, AFTER, "Repair").commit == once.commit


def test_uncommitted_changes_are_refused(repository: Path) -> None:
    check_clean(repository)  # without git there is nothing to compare with
    with_history(repository)
    check_clean(repository)
    (repository / "b.py").write_text("mine\n")
    with pytest.raises(InputError, match=r"b\.py"):
        check_clean(repository)
