"""A walkthrough's checks are run where the repository is, or the notebook says why they were not."""

import threading
from pathlib import Path

import pytest

from graph.walkthrough import _in_sandbox
from papercoder.sandbox import Sandbox, SandboxStopped

FILES = {"requirements.txt": "no-such-package-anywhere\n", "model.py": "x = 1\n"}


@pytest.fixture(autouse=True)
def home(contained: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"file://{tmp_path}")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("PAPERCODER_HOME", str(tmp_path / "home"))


def test_where_packages_cannot_be_installed_the_reason_is_told_in_a_line() -> None:
    report = _in_sandbox(FILES, ["1", "2"], "auto", threading.Event())
    assert report.words.startswith("none of 2 checks was run: ")
    assert "no-such-package-anywhere" in report.unexecuted
    assert "\n" not in report.unexecuted
    assert [cell.outcome for cell in report.cells] == ["not run", "not run"]


def test_a_sandbox_that_is_not_there_is_a_reason_too() -> None:
    assert "There is no sandbox 'padded-cell'" in _in_sandbox(FILES, ["1"], "padded-cell", threading.Event()).unexecuted


def test_when_asked_to_stop_it_stops_and_leaves_nothing(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(SandboxStopped):
        _in_sandbox(FILES, ["1"], "auto", stop)
    assert list((tmp_path / "home" / "work").iterdir()) == []
