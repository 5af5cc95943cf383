"""Small repositories, run for real; packages come from a folder of wheels, so that no test needs the network."""

import zipfile
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import pytest

from papercoder.execution import Order, execute
from papercoder.sandbox import Sandbox, SandboxUnavailable, find_sandbox
from state.execution import ExecutionReport

PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")

Execute = Callable[..., ExecutionReport]


def repacked(name: str, folder: Path) -> None:
    """An installed pure-Python package as the wheel that it came from."""
    found = distribution(name)
    assert found.files
    with zipfile.ZipFile(folder / f"{name}-{found.version}-py3-none-any.whl", "w") as wheel:
        for file in found.files:
            if (
                not file.parts[0].startswith("..")
                and file.suffix != ".pyc"
                and file.name not in ("RECORD", "INSTALLER")
            ):
                wheel.write(str(file.locate()), str(file))
        wheel.writestr(f"{name}-{found.version}.dist-info/RECORD", "")


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    for name in PYTEST:
        repacked(name, folder)
    return folder


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("environments")


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    try:
        return find_sandbox()
    except SandboxUnavailable as unavailable:
        pytest.skip(str(unavailable))


@pytest.fixture
def run(shelf: Path, environments: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Execute:
    """Write files and take steps: ``run({"main.py": "…"}, "import", "smoke", mode="smoke")``."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"file://{shelf}")
    monkeypatch.setenv("UV_FIND_LINKS", str(shelf))

    def written(files: dict[str, str], *steps: str, **order: object) -> ExecutionReport:
        folder = tmp_path / "repository"
        for name, text in {"requirements.txt": "", **files}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        settings = Order(steps=steps, **order)  # type: ignore[arg-type]
        return execute(folder, sandbox=sandbox, environments=environments, order=settings)

    return written
