"""Small repositories, run for real; packages come from a folder of wheels, so that no test needs the network."""

from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.execution import Order, execute
from papercoder.sandbox import Sandbox
from state.execution import ExecutionReport
from tests.wheels import shelf_of_pytest

Execute = Callable[..., ExecutionReport]


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shelf_of_pytest(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("environments")


@pytest.fixture
def run(
    shelf: Path, environments: Path, contained: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Execute:
    """Write files and take steps: ``run({"main.py": "…"}, "import", "smoke", mode="smoke")``."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"file://{shelf}")
    monkeypatch.setenv("UV_FIND_LINKS", str(shelf))

    def written(files: dict[str, str], *steps: str, **order: object) -> ExecutionReport:
        folder = tmp_path / "repository"
        for name, text in {"requirements.txt": "", **files}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        settings = Order(steps=steps, **order)  # type: ignore[arg-type]
        return execute(folder, sandbox=contained, environments=environments, order=settings)

    return written
