"""What tests of several parts need: the fixed paper and what is made of it, a sandbox, a PostgreSQL server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from agents.context import Material
from benchmarks.postgres import Server
from papercoder.sandbox import Sandbox, SandboxUnavailable, find_sandbox
from state.paper import Paper
from tests.ridge import CODE, MATERIAL, PAPER
from tests.wheels import index, shelf_of_pytest

settings.register_profile("papercoder", deadline=None)  # a first call may load a tokenizer
settings.load_profile("papercoder")

SLOWEST = ("e2e", "server", "execution", "sandbox", "storage", "documents", "publication", "simulator")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole runs first, quick tests last: where files are shared out among processes, these fill the gaps."""
    order = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: order.get(item.path.relative_to(Path(__file__).parent).parts[0], len(order)))


@pytest.fixture(scope="session")
def paper() -> Paper:
    return PAPER


@pytest.fixture(scope="session")
def material() -> Material:
    """Everything that the pipeline has made of the paper before there is code."""
    return MATERIAL


@pytest.fixture(scope="session")
def code() -> dict[str, str]:
    """The repository's files."""
    return dict(CODE)


@pytest.fixture(scope="session")
def contained() -> Sandbox:
    """What holds generated code here; a machine that has nothing leaves the test out."""
    try:
        return find_sandbox()
    except SandboxUnavailable as unavailable:
        pytest.skip(str(unavailable))


@pytest.fixture(scope="session")
def packages(contained: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where a sandboxed run installs pytest from, without a network."""
    return index(shelf_of_pytest(tmp_path_factory.mktemp("shelf")))


CANARY = "ca/na:ry@p%ss word"
"""The server's password: no message, file or log may hold it, in whole or in part."""


@pytest.fixture(scope="session")
def canary() -> str:
    return CANARY


@pytest.fixture(scope="session")
def server(canary: str) -> Iterator[Server]:
    """One for all tests, started when the first of them needs it."""
    with Server(canary) as running:
        yield running


@pytest.fixture
def postgres(server: Server) -> Iterator[str]:
    """The URL of a new database."""
    if not server.running:  # a test that stopped it failed before it started it again
        server.start()
    url = server.make_database()
    yield url
    server.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Where runs are kept: both databases keep the same promises."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres"))
