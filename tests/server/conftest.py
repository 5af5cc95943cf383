"""A real `langgraph dev` with our graph, in a folder of its own, and a simulated provider behind it."""

import asyncio
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_client

from benchmarks.simulator.process import Simulator
from papercoder.storage.database import DATABASE
from tests.means import paper

ROOT = Path(__file__).parents[2]
MODEL = "openai:o3-mini"
UNREVIEWED: dict[str, Any] = {"model": MODEL, "rounds": 0, "tests": False, "execute": False, "assess": False}
CALLS = 2 + 4 + 2 * 5
"""Of such a run: requirements read and consolidated, four stages, and five files analysed and written."""

PATIENCE = 120.0
QUIET = {
    "LANGSMITH_TRACING": "false",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGGRAPH_NO_VERSION_CHECK": "1",
    "DO_NOT_TRACK": "true",
    "LOG_JSON": "true",
}
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Server:
    """`langgraph dev` as a process; `langgraph.json` is the repository's own with its paths made absolute."""

    folder: Path
    environment: dict[str, str]
    graph: str = "papercoder"
    settings: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Server":
        self.folder.mkdir(parents=True, exist_ok=True)
        ours = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))
        path = str(ROOT / ours["graphs"]["papercoder"])
        written = ours | {"dependencies": [str(ROOT)], "graphs": {self.graph: path}} | self.settings
        (self.folder / "langgraph.json").write_text(json.dumps(written), encoding="utf-8")
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [str(Path(sys.executable).with_name("langgraph")), "dev", "--no-browser", "--no-reload"]
        own = {"PAPERCODER_HOME": str(self.home), "PAPERCODER_ALLOWED_FOLDERS": str(self.folder)}
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(port), "--n-jobs-per-worker", "8"], cwd=self.folder, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env=QUIET | own | self.environment,
            )  # fmt: skip
        self._wait_until_up()
        return self

    def _wait_until_up(self) -> None:
        assert self._process
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                _DIRECT.open(f"{self.url}/ok", timeout=5).close()
                return
            except OSError:
                assert self._process.poll() is None, f"the server has ended:\n{self.log[-3000:]}"
                assert time.monotonic() < deadline, f"the server does not answer:\n{self.log[-3000:]}"
                time.sleep(0.1)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def log_file(self) -> Path:
        return self.folder.with_name(self.folder.name + ".log")

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    @property
    def saved(self) -> float:
        """When the development server last wrote its own state to the disk."""
        file = self.folder / ".langgraph_api" / ".langgraph_ops.pckl"
        return file.stat().st_mtime if file.exists() else 0.0

    def calls(self, thread: str) -> dict[str, int]:
        """The journal's rows of a thread, counted by their state."""
        if not (self.home / DATABASE).exists():
            return {}
        with closing(sqlite3.connect(self.home / DATABASE, timeout=30)) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'calls'").fetchall():
                return {}
            query = "SELECT state, count(*) FROM calls WHERE run = ? GROUP BY state"
            return dict(database.execute(query, (thread,)).fetchall())

    def repository(self, thread: str) -> Path:
        return self.home / "repositories" / thread


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@dataclass
class Told:
    """What the stream of one run said, and the thread's state after it."""

    events: list[dict[str, Any]]
    error: dict[str, str]
    state: dict[str, Any]
    requests: list[str]
    """What the provider was asked meanwhile: `stage file`."""

    @property
    def request(self) -> dict[str, Any]:
        """What a person is asked at the gate where the thread waits."""
        return next(i["value"] for task in self.state["tasks"] for i in task["interrupts"])

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.state["values"])

    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]


class Studio:
    """What a person does in Studio, through the same API."""

    paper = paper()
    calls = CALLS
    context = UNREVIEWED

    def __init__(self, server: Server, simulator: Simulator) -> None:
        self.server = server
        self.simulator = simulator
        self.client = get_client(url=server.url, api_key=None)

    def asked(self) -> list[str]:
        return [f"{record.stage} {record.file}".strip() for record in self.simulator.records()]

    async def assistant(self) -> str:
        """The id of the one that the server makes of the graph."""
        found = await self.client.assistants.search(graph_id="papercoder", metadata={"created_by": "system"})
        return str(found[0]["assistant_id"])

    async def schemas(self) -> dict[str, Any]:
        return dict(await self.client.assistants.get_schemas(await self.assistant()))

    async def thread(self) -> str:
        return str((await self.client.threads.create())["thread_id"])

    async def run(self, thread: str, *, assistant: str = "papercoder", **given: Any) -> Told:
        """One run to its end, or to a gate."""
        before = len(self.asked())
        context = UNREVIEWED | given.pop("context", {})
        events, error = [], {}
        stream = self.client.runs.stream(thread, assistant, context=context, stream_mode="custom", **given)
        async for part in stream:
            if part.event == "custom":
                events.append(part.data)
            elif part.event == "error":
                error = part.data
        return Told(events, error, await self.state(thread), self.asked()[before:])

    async def begin(self, title: str = "Scaled Means: A Small Estimator", **given: Any) -> tuple[str, Told]:
        """A new thread with a paper as text."""
        thread = await self.thread()
        return thread, await self.run(thread, input={"text": paper(title)}, **given)

    async def state(self, thread: str) -> dict[str, Any]:
        return dict(await self.client.threads.get_state(thread))

    async def edit(self, thread: str, node: str, checkpoint: dict[str, Any] | None = None, **values: Any) -> None:
        await self.client.threads.update_state(thread, values, as_node=node, checkpoint=checkpoint)

    async def before(self, thread: str, node: str) -> dict[str, Any]:
        """The newest checkpoint from which this node came next."""
        history = await self.client.threads.get_history(thread, limit=100)
        return next(dict(state["checkpoint"]) for state in history if node in state["next"])

    async def until(self, happened: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, "that did not happen"
            await asyncio.sleep(0.01)


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with Simulator(files=5, scale=0.001) as running:
        yield running


def _clean(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(("PAPERCODER", "LANG"))}


@pytest.fixture(scope="session")
def server(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server") / "served", _clean(simulator.environment()))
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture
async def studio(server: Server, simulator: Simulator) -> AsyncIterator[Studio]:
    """At the server that all tests share; nothing may block its event loop."""
    simulator.set_faults([])
    made = Studio(server, simulator)
    yield made
    await made.client.aclose()
    assert "BlockingError" not in server.log
    assert "Blocking call to" not in server.log


Serve = Callable[..., Server]


@pytest.fixture
def serve(simulator: Simulator, tmp_path: Path) -> Iterator[Serve]:
    """Another server, with settings of its own."""
    running: list[Server] = []

    def start(provider: Simulator = simulator, **given: Any) -> Server:
        environment = _clean(provider.environment()) | given.pop("environment", {})
        made = Server(tmp_path / f"served-{len(running)}", {k: v for k, v in environment.items() if v}, **given)
        running.append(made.start())
        return made

    yield start
    for made in running:
        made.stop()


@pytest.fixture
def at(simulator: Simulator) -> Callable[..., Studio]:
    """Studio at another server."""
    return lambda server, provider=simulator: Studio(server, provider)


@pytest.fixture
def write_paper() -> Callable[..., str]:
    return paper
