"""Desks: with a provider that is fast, slow or strict, and runs kept in SQLite or PostgreSQL."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.simulator.process import Simulator
from benchmarks.simulator.settings import Reviewer
from tests.e2e.desk import FILES, Desk, Reference
from tests.e2e.processes import Nursery


@pytest.fixture(scope="session")
def nurseries() -> Iterator[tuple[Nursery, Nursery]]:
    both = Nursery(1), Nursery(2)
    yield both
    for nursery in both:
        nursery.close()


Simulators = Callable[..., Simulator]


@pytest.fixture(scope="session")
def simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulators]:
    """One simulator for each scale, size of project and reviewer, started when it is first asked for."""
    running: dict[tuple[float, int, Reviewer], Simulator] = {}
    with ExitStack() as stack:

        def simulator(scale: float, files: int, reviewer: Reviewer) -> Simulator:
            if (scale, files, reviewer) not in running:
                prompts = tmp_path_factory.mktemp("prompts")
                made = Simulator(files=files, scale=scale, prompts=str(prompts), reviewer=reviewer)
                running[scale, files, reviewer] = stack.enter_context(made)
            return running[scale, files, reviewer]

        yield simulator


@pytest.fixture(scope="session")
def desk_at(nurseries: tuple[Nursery, Nursery], simulators: Simulators) -> Callable[..., Desk]:
    def make(
        folder: Path, scale: float = 0.001, files: int = FILES, url: str = "", reviewer: Reviewer = "lenient"
    ) -> Desk:
        folder.mkdir(parents=True, exist_ok=True)
        return Desk(folder, simulators(scale, files, reviewer), nurseries, url)

    return make


@pytest.fixture
def desk(desk_at: Callable[..., Desk], tmp_path: Path) -> Iterator[Desk]:
    """With a provider that answers at once."""
    made = desk_at(tmp_path / "desk")
    yield made
    _clear(made)


@pytest.fixture
def slow_desk(desk_at: Callable[..., Desk], tmp_path: Path) -> Iterator[Desk]:
    """With a provider that takes long enough for things to happen in the meantime."""
    made = desk_at(tmp_path / "desk", 0.01)
    yield made
    _clear(made)


@pytest.fixture
def strict_desk(desk_at: Callable[..., Desk], tmp_path: Path) -> Iterator[Desk]:
    """With a reviewer who finds something in the first version of everything."""
    made = desk_at(tmp_path / "desk", reviewer="strict")
    yield made
    _clear(made)


@pytest.fixture
def slow_strict_desk(desk_at: Callable[..., Desk], tmp_path: Path) -> Iterator[Desk]:
    made = desk_at(tmp_path / "desk", 0.004, reviewer="strict")
    yield made
    _clear(made)


@pytest.fixture
def postgres_desk(desk_at: Callable[..., Desk], tmp_path: Path, postgres: str) -> Iterator[Desk]:
    """With runs kept in PostgreSQL."""
    made = desk_at(tmp_path / "desk", url=postgres)
    yield made
    _clear(made)


@pytest.fixture
def slow_postgres_desk(desk_at: Callable[..., Desk], tmp_path: Path, postgres: str) -> Iterator[Desk]:
    made = desk_at(tmp_path / "desk", 0.01, url=postgres)
    yield made
    _clear(made)


def _clear(desk: Desk) -> None:
    for process in desk.processes:
        if process.ended(0) is None:
            process.signal(signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="session")
def reference(desk_at: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Without critics and assessor."""
    return Reference.of(desk_at(tmp_path_factory.mktemp("reference") / "desk"), reviewed=False)


@pytest.fixture(scope="session")
def strict_reference(desk_at: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """With everything reviewed, and revised once."""
    return Reference.of(desk_at(tmp_path_factory.mktemp("strict") / "desk", reviewer="strict"), reviewed=True)
