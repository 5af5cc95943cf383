"""A team's server on this machine: Aegra as two processes, with PostgreSQL and Redis.

Aegra needs Python 3.12 or newer and an environment of its own, with papercoder in it: PAPERCODER_AEGRA_PYTHON names
its interpreter.  PAPERCODER_REDIS_SERVER names Redis' program, if it is not on the path.
"""

import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from langgraph_sdk import get_sync_client

from benchmarks.postgres import Server

ROOT = Path(__file__).resolve().parents[3]
MODEL = "openai:o3-mini"
PATIENCE = 180.0
SCALE = 0.02
SHORT_LEASES = {
    "LEASE_DURATION_SECONDS": "9",
    "HEARTBEAT_INTERVAL_SECONDS": "4",
    "REAPER_INTERVAL_SECONDS": "1",
}
"""A dead worker's run is another's after ten seconds rather than a minute."""

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Worker:
    """An Aegra process: it serves the API, and works on runs."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def client(self) -> Any:
        return get_sync_client(url=f"http://127.0.0.1:{self.port}")

    def is_ready(self) -> bool:
        if self.process.poll() is not None:
            pytest.fail(f"a worker ended:\n{self.log.read_text(encoding='utf-8', errors='replace')[-3000:]}")
        try:
            return bool(_DIRECT.open(f"http://127.0.0.1:{self.port}/health", timeout=5).status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.process.wait()


@dataclass
class Run:
    """A run on the server; its thread's id is what the journal calls it."""

    team: "Team"
    thread: str
    id: str

    @property
    def status(self) -> str:
        return str(self.team.any.client.runs.get(self.thread, self.id)["status"])

    @property
    def claimed_by(self) -> Worker | None:
        """The living worker that the run is with, as far as the server's database knows."""
        row = self.team.query("SELECT claimed_by FROM public.runs WHERE run_id = %s", self.id)
        alive = (worker for worker in self.team.workers if worker.process.poll() is None)
        return next((worker for worker in alive if f"-{worker.process.pid}-worker-" in (row[0][0] or "")), None)

    def worker(self, other_than: Worker | None = None) -> Worker:
        """Who works on it, once somebody does."""
        until(lambda: self.claimed_by not in (None, other_than))
        found = self.claimed_by
        assert found
        return found

    def take_for_dead(self) -> None:
        """What a worker's lease is when it could not renew it, though it is well and at work."""
        self.team.query(
            "UPDATE public.runs SET lease_expires_at = now() - interval '1 minute' WHERE run_id = %s RETURNING 1",
            self.id,
        )

    def wait(self) -> str:
        until(lambda: self.status not in ("pending", "running"))
        return self.status

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.team.any.client.threads.get_state(self.thread)["values"])


@dataclass
class Team:
    python: str
    environment: dict[str, str]
    folder: Path
    url: str
    workers: list[Worker] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def any(self) -> Worker:
        """One that answers."""
        return next(worker for worker in self.workers if worker.process.poll() is None)

    def hire(self) -> None:
        """Until there are two."""
        self.workers = [worker for worker in self.workers if worker.process.poll() is None]
        while len(self.workers) < 2:
            self.workers.append(self._start())
        for worker in self.workers:
            until(worker.is_ready)

    def dismiss(self) -> None:
        for worker in self.workers:
            worker.kill()

    def start(self, paper: Path) -> Run:
        client = self.any.client
        thread = client.threads.create()["thread_id"]
        upload = {"name": paper.name, "base64": base64.b64encode(paper.read_bytes()).decode()}
        run = client.runs.create(thread, "papercoder", input={"upload": upload}, context={"model": MODEL})
        return Run(self, thread, run["run_id"])

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as server:
            return server.execute(sql.encode(), values).fetchall()

    def hire_guarded(self, tokens: str) -> Worker:
        """One more, which serves deploy/langgraph.json: it asks for a token, and works on nothing."""
        guarded = {"AEGRA_CONFIG": str(ROOT / "deploy" / "langgraph.json"), "PAPERCODER_TOKENS": tokens}
        worker = self._start(**guarded, WORKER_COUNT="0")
        until(worker.is_ready)
        return worker

    def _start(self, **environment: str) -> Worker:
        port, number = free_port(), sum(1 for _ in self.folder.glob("*.log"))
        log = self.folder / f"{number}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [self.python, "-m", "uvicorn", "aegra_api.main:app", "--host", "127.0.0.1", "--port", str(port)],
                cwd=ROOT, env=self.environment | environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip
        worker = Worker(port, process, log)
        if number == 0:
            until(worker.is_ready)  # the first makes the tables
        return worker


def until(happened: Callable[[], object], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < deadline, "that did not happen"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def aegra_python() -> str:
    python = os.environ.get("PAPERCODER_AEGRA_PYTHON", sys.executable)
    tried = subprocess.run(
        [python, "-c", "import aegra_api, graph.pipeline, papercoder.storage.postgres"], capture_output=True, text=True
    )
    if tried.returncode:
        last = (tried.stderr.strip().splitlines() or ["no reason given"])[-1]
        pytest.skip(
            f"{python} has no Aegra with papercoder ({last}): name the interpreter of an environment with "
            "Python ≥ 3.12, aegra-api and papercoder[postgres] in PAPERCODER_AEGRA_PYTHON"
        )
    return python


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis of our own."""
    program = shutil.which(os.environ.get("PAPERCODER_REDIS_SERVER", "redis-server"))
    if program is None:
        pytest.skip("there is no redis-server on the path: install it, or name it in PAPERCODER_REDIS_SERVER")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    yield f"redis://127.0.0.1:{port}/0"
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
def team_of_two(
    aegra_python: str, redis: str, server: Server, simulators: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Team]:  # fmt: skip
    folder, url = tmp_path_factory.mktemp("team"), server.make_database()
    environment = simulators(SCALE, 5).environment(
        AEGRA_CONFIG=str(ROOT / "langgraph.json"),
        DATABASE_URL=url,
        PAPERCODER_DATABASE=url,
        PAPERCODER_HOME=str(folder / "home"),
        REDIS_BROKER_ENABLED="true",
        REDIS_URL=redis,
        WORKER_COUNT="1",
        LANGGRAPH_STRICT_MSGPACK="true",
        LANGSMITH_TRACING="false",
        **SHORT_LEASES,
    )
    made = Team(aegra_python, environment, folder, url)
    with ExitStack() as stack:
        stack.callback(made.dismiss)
        yield made


@pytest.fixture
def team(team_of_two: Team) -> Team:
    """With both workers at their desks."""
    team_of_two.hire()
    return team_of_two


@pytest.fixture
def team_desk(desk_at: Callable[..., Any], team: Team) -> Any:
    """What the provider and the journal saw of this test's runs."""
    return desk_at(team.folder / f"desk-{time.monotonic_ns()}", SCALE, url=team.url)
