"""A folder without a home and without a key, from which a server is made to work."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from papercoder.cli.app import group
from tests.server.remote.client import RUN, Command, events


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, simulator, write_paper) -> Iterator[Path]:
    """A working folder with a paper, and no key: the client needs none."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "PAPERCODER_HOME",
        "PAPERCODER_SERVER",
        "PAPERCODER_SERVER_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    (folder / "paper.md").write_text(write_paper(), encoding="utf-8")
    simulator.set_faults([])
    yield folder
    assert not (folder / ".papercoder").exists(), "a run on a server keeps nothing here"


@pytest.fixture
def command() -> Command:
    def run(*arguments: object, code: int = 0, given: str = "") -> Result:
        done = CliRunner().invoke(group, [str(argument) for argument in arguments], input=given)
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        return done

    return run


@pytest.fixture
def finished(command, server, desk) -> str:
    """A thread that is finished and fetched."""
    return str(events(command("run", "paper.md", *RUN, server.url, "--json"))[0]["run"])


@pytest.fixture
def client_process(desk, server) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """The command as a process of its own, which can be sent signals."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        script = str(Path(sys.executable).with_name("papercoder"))
        started.append(subprocess.Popen([script, *arguments], cwd=desk, stdout=-1, stderr=-1, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
