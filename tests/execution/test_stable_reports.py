"""The same failure makes the same report, on whatever machine and however fast; work folders do not stay behind."""

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from papercoder.execution.folders import folder_with
from papercoder.execution.stable import stable
from papercoder.sandbox import Limits, SandboxStopped, stopping_at

HANGS = {
    "main.py": "import sys\n",
    "model.py": "import time\n\ndef wait():\n    time.sleep(600)\n",
    "tests/test_model.py": (
        "from model import wait\n\ndef test_sound():\n    pass\n\ndef test_hangs():\n    print(object())\n    wait()\n"
    ),
}


def test_two_runs_that_fail_alike_are_told_alike(run, tmp_path: Path) -> None:
    files = {
        "main.py": "import sys, time, tempfile\nprint(tempfile.mkdtemp(), object())\n"
        "started = time.perf_counter()\ntime.sleep(0.1)\n"
        "raise OSError(f'{object()} in {tempfile.mkdtemp()} after {time.perf_counter() - started:.6f} s')  # --smoke\n",
        "tests/test_main.py": "def test_it(tmp_path):\n    assert not tmp_path, object()\n",
    }
    one, two = (stable(run(files, "tests", "smoke"), [tmp_path / "repository"]) for _ in range(2))
    assert [step.model_copy(update={"seconds": 0}) for step in one.steps] == [
        step.model_copy(update={"seconds": 0}) for step in two.steps
    ]
    assert one.failures[0].test == "tests/test_main.py::test_it"
    assert "in /tmp/… after … s" in one.failures[1].message


def test_a_test_that_hangs_is_named_and_so_is_where_it_hangs(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("papercoder.execution.running.COMMAND", ("python", "-m", "pytest", "-q", "-o",
                                                                "faulthandler_timeout=1"))  # fmt: skip
    (failure,) = run(HANGS, "tests", seconds=5).failures
    assert (failure.kind, failure.file, failure.line) == ("timeout", "model.py", 4)
    assert failure.test == "tests/test_model.py"


def test_a_run_that_is_to_stop_stops_at_once_and_takes_everything_along(run, tmp_path: Path) -> None:
    asked = threading.Event()
    threading.Timer(1.0, asked.set).start()
    started = time.monotonic()
    with pytest.raises(SandboxStopped), stopping_at(asked):
        run({"main.py": "import time\ntime.sleep(600)  # --smoke\n"}, "smoke", limits=Limits())
    assert time.monotonic() - started < 60


def test_a_work_folder_is_gone_when_it_is_done_with_and_when_its_process_was_killed(tmp_path: Path) -> None:
    with folder_with({"a/b.sh": "true\n"}, tmp_path) as folder:
        assert os.access(folder / "a" / "b.sh", os.X_OK)
        left_by_a_kill = tmp_path / "run-left"
        left_by_a_kill.mkdir()
        with folder_with({"main.py": ""}, tmp_path) as other:
            assert not left_by_a_kill.exists()
            assert folder.exists()
            assert other.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_name_does_not_lead_out_of_the_work_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="evil"), folder_with({"../evil.py": ""}, tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_in_use_is_locked(tmp_path: Path) -> None:
    with folder_with({}, tmp_path) as folder:
        descriptor = os.open(folder, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(descriptor)
