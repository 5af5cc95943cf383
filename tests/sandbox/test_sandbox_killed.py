"""papercoder is killed with signal 9 while a command runs: nothing survives it, and nothing is left lying about."""

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from papercoder.confinement import scratch
from papercoder.sandbox import find_sandbox
from papercoder.sandbox.cgroup import HIERARCHIES

DAEMON = """
import os, signal, sys, time
for n in range(4):
    if os.fork() == 0:
        os.setsid()
        for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
        if os.fork(): os._exit(0)
        os.closerange(0, 3)
        time.sleep(1000)
open("up", "w").close()
open(os.environ.get("TMPDIR", "/tmp") + "/left", "w").close()
open("/dev/shm/" + sys.argv[1], "w").close()
time.sleep(1000)
"""
PAPERCODER = (
    "import sys; from pathlib import Path; from papercoder.sandbox import *\n"
    "find_sandbox(sys.argv[1]).run(['python3', 'daemon.py', sys.argv[3]], workdir=Path(sys.argv[2]), limits=Limits())"
)
GONE_SECONDS = 30


@pytest.fixture(params=["bubblewrap", "landlock"])
def name(request: pytest.FixtureRequest) -> str:
    find_sandbox(request.param)
    return str(request.param)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder := tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@contextlib.contextmanager
def started(name: str, repository: Path, mark: str, *, group: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """Killed at the end whatever happens, or a failing test would wait for it for ever."""
    (repository / "daemon.py").write_text(DAEMON)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PAPERCODER, name, str(repository), mark]
    with subprocess.Popen(command, env=environment, start_new_session=group) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until_up(process: subprocess.Popen[bytes], repository: Path) -> None:
    deadline = time.monotonic() + 60
    while not (repository / "up").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_for_its_children(mark: str) -> None:
    """What was forked may be seen a moment after what it forked for."""
    deadline = time.monotonic() + GONE_SECONDS
    while len(found := alive(mark)) <= 5:
        assert time.monotonic() < deadline, f"only these: {found}"
        time.sleep(0.02)


def alive(mark: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def assert_all_gone(mark: str) -> None:
    deadline = time.monotonic() + GONE_SECONDS
    while found := alive(mark):
        assert time.monotonic() < deadline, f"still there: {found}"
        time.sleep(0.02)


def groups() -> list[Path]:
    return [path for hierarchy in HIERARCHIES for path in hierarchy.glob("papercoder-*")]


@pytest.mark.parametrize("group", [False, True], ids=["papercoder alone", "its whole process group"])
def test_no_process_survives(name: str, group: bool, repository: Path, temporary: Path) -> None:
    mark = f"killed-{uuid.uuid4().hex}"
    with started(name, repository, mark, group=group) as process:
        wait_until_up(process, repository)
        wait_for_its_children(mark)
        os.killpg(process.pid, 9) if group else process.kill()
    assert_all_gone(mark)
    deadline = time.monotonic() + GONE_SECONDS
    while list(temporary.iterdir()) or Path("/dev/shm", mark).exists():
        assert time.monotonic() < deadline, list(temporary.iterdir())
        time.sleep(0.02)


def test_the_next_run_clears_what_is_left(
    name: str, repository: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = f"killed-{uuid.uuid4().hex}"
    with started(name, repository, mark) as process:
        wait_until_up(process, repository)
        process.kill()
    assert_all_gone(mark)
    left = temporary / f"{scratch.PREFIX}{os.getuid()}-of-a-keeper-that-was-killed-too"
    left.mkdir()
    monkeypatch.setattr(scratch, "SWEPT_AFTER_SECONDS", -1)
    find_sandbox(name)
    assert not left.exists()
    mine = [path for path in groups() if path.name.startswith(f"papercoder-{process.pid}-")]
    assert not mine


def test_a_run_does_not_clear_what_another_one_uses(
    name: str, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "SWEPT_AFTER_SECONDS", -1)
    with scratch.temporary() as used:
        find_sandbox(name)
        assert used.exists()
    assert not used.exists()


@pytest.mark.long
def test_no_process_survives_a_kill_at_any_moment(name: str, repository: Path, temporary: Path) -> None:
    chance = random.Random(9)
    for _ in range(40):
        mark = f"killed-{uuid.uuid4().hex}"
        with started(name, repository, mark) as process:
            time.sleep(chance.uniform(0, 1.5))
            process.kill()
        assert_all_gone(mark)
