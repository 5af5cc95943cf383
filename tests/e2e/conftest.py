"""A desk for a test: a folder with a paper, a simulated provider, and `papercoder` as processes of their own."""

import hashlib
import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from benchmarks.simulator.prices import cost
from benchmarks.simulator.process import Simulator
from benchmarks.simulator.records import Event, Moment, Record
from benchmarks.simulator.settings import Reviewer
from papercoder.models.requests import Image, Message, digest
from papercoder.storage.database import DATABASE

FILES = 5
UNREVIEWED = ("--rounds", "0", "--no-tests", "--no-execute", "--no-assess")
"""Options of runs that are about something else: no critic, no tester and no assessor is asked."""
MODEL = "openai:o3-mini"
PATIENCE = 120.0
"""Seconds after which a test gives a process up: no test passes or fails by the speed of the machine."""

PAPER = r"""# Scaled Means: A Small Estimator

Ada Author, Ben Writer

## Abstract

We estimate the mean of a noisy signal by a scaled sum and show that one scale is enough.

## 1 Method

A signal of $n$ samples is reduced to

$$ \hat{\mu} = \frac{\alpha}{n} \sum_{i=1}^{n} x_i \tag{1} $$

where $\alpha$ is learned by gradient descent.

**Algorithm 1:** Fitting the scale

```algorithm
Input: samples x, rate r
a <- 1
repeat 100 times
    a <- a - r * gradient(a, x)
return a
```

## 2 Experiments

Table 1: Error of the estimators.

| method | error |
|---|---|
| plain mean | 0.31 |
| ours | 0.12 |

We train for 100 steps with a rate of 0.1 and five seeds.
"""

Tree = dict[str, bytes]


class Nursery:
    """Forks `papercoder` processes from one that has imported everything: see nursery.py."""

    def __init__(self, seed: int) -> None:
        command = [sys.executable, str(Path(__file__).with_name("nursery.py"))]
        self._helper = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONHASHSEED": str(seed)}
        )
        self._changed = threading.Condition()
        self._born: list[int] = []
        self._codes: dict[int, int] = {}
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def spawn(self, order: dict[str, Any]) -> int:
        """The new process's id.  One caller at a time."""
        assert self._helper.stdin
        with self._changed:
            assert self._changed.wait_for(lambda: self._born, PATIENCE), "the nursery did not start"
            known = len(self._born)
            self._helper.stdin.write(json.dumps(order).encode() + b"\n")
            self._helper.stdin.flush()
            assert self._changed.wait_for(lambda: len(self._born) > known, PATIENCE)
            return self._born[-1]

    def code(self, pid: int, patience: float) -> int | None:
        """The exit code, once the process has ended; None if it does not in time."""
        with self._changed:
            self._changed.wait_for(lambda: pid in self._codes, patience)
            return self._codes.get(pid)

    def close(self) -> None:
        for pid in set(self._born[1:]) - set(self._codes):
            os.kill(pid, signal.SIGKILL)
        assert self._helper.stdin
        self._helper.stdin.close()
        self._helper.wait(PATIENCE)

    def _listen(self) -> None:
        assert self._helper.stdout
        for line in self._helper.stdout:
            answer = json.loads(line)
            with self._changed:
                if "code" in answer:
                    self._codes[answer["pid"]] = answer["code"]
                else:
                    self._codes.pop(answer["pid"], None)  # an earlier process had the same number
                    self._born.append(answer["pid"])
                self._changed.notify_all()


@dataclass
class Process:
    """A `papercoder` process, and what it has written so far."""

    pid: int
    name: str
    stdout: Path
    stderr: Path
    ended: Callable[[float], int | None]

    @property
    def out(self) -> str:
        return self.stdout.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return self.stderr.read_text(encoding="utf-8")

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of a `--json` command; a line that is still being written is left out."""
        whole = self.out.rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    @property
    def document(self) -> Any:
        """What a command that writes one JSON document has written."""
        return json.loads(self.out)

    def event(self, kind: str) -> dict[str, Any]:
        """The last event of that kind."""
        return [event for event in self.events if event["kind"] == kind][-1]

    @property
    def run(self) -> str:
        return str(self.event("run_started")["run"])

    def wait(self) -> int:
        code = self.ended(PATIENCE)
        if code is None:
            self.signal(signal.SIGKILL)
            pytest.fail(f"{self.name} did not end:\n{self.out[-2000:]}\n{self.err[-2000:]}")
        return code

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9`, and wait until the process is gone."""
        self.signal(signal.SIGKILL)
        assert self.wait() == -signal.SIGKILL, f"{self.name} had ended before it was killed"

    def until(self, happened: Callable[[], object]) -> None:
        """Wait for something to happen while the process is at work."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            if self.ended(0) is not None:
                pytest.fail(f"{self.name} ended before that happened:\n{self.out[-2000:]}\n{self.err[-2000:]}")
            assert time.monotonic() < deadline, f"{self.name}: that did not happen"
            time.sleep(0.0005)

    def has_begun(self, stage: str) -> bool:
        return f'"kind":"stage_started","stage":"{stage}"' in self.out


@dataclass(frozen=True)
class Call:
    """A row of the journal."""

    run: str
    stage: str
    file: str
    attempt: int
    digest: str
    state: str


@dataclass
class Desk:
    """A working folder, and the part of a simulator's log that begins with it."""

    folder: Path
    simulator: Simulator
    nurseries: tuple[Nursery, Nursery]
    url: str = ""  # of a PostgreSQL database; else runs are kept in SQLite
    processes: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "paper.md").write_text(PAPER, encoding="utf-8")
        self.simulator.set_faults([])
        self.simulator.reset()
        self.settle()
        self._before = self.simulator.events()

    # --- commands

    def start(self, *arguments: object, cold: bool = False, fast: bool = True, **environment: str) -> Process:
        """A command that is at work.  `cold`: the installed script itself, imports and all."""
        number = len(self.processes)
        logs = self.folder.with_name(self.folder.name + "-logs")
        logs.mkdir(exist_ok=True)
        stdout, stderr = logs / f"{number}.out", logs / f"{number}.err"
        stdout.touch()
        stderr.touch()
        order = {
            "arguments": [str(argument) for argument in arguments],
            "environment": self.environment(**environment),
            "folder": str(self.folder),
            "stdout": str(stdout),
            "stderr": str(stderr),
        }
        process = self._cold(order) if cold else self._forked(order, number)
        process.name = shlex.join(["papercoder", *order["arguments"]])
        self.processes.append(process)
        return process

    def _forked(self, order: dict[str, Any], number: int) -> Process:
        """From both nurseries in turn: strings hash differently in them, so no order of a set can hide."""
        nursery = self.nurseries[number % 2]
        pid = nursery.spawn(order)
        return Process(
            pid, "", Path(order["stdout"]), Path(order["stderr"]), lambda patience: nursery.code(pid, patience)
        )

    def _cold(self, order: dict[str, Any]) -> Process:
        script = str(Path(sys.executable).with_name("papercoder"))
        out, err = Path(order["stdout"]), Path(order["stderr"])
        with out.open("wb") as stdout, err.open("wb") as stderr:
            child = subprocess.Popen(
                [script, *order["arguments"]], cwd=order["folder"], env=order["environment"],
                stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, start_new_session=True,
            )  # fmt: skip

        def ended(patience: float) -> int | None:
            try:
                return child.wait(patience) if patience else child.poll()
            except subprocess.TimeoutExpired:
                return None

        return Process(child.pid, "", out, err, ended)

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in self.simulator.environment().items() if "PAPERCODER" not in name}
        return kept | {"PYTHONUNBUFFERED": "1", "PAPERCODER_DATABASE": self.url} | more

    def command(self, *arguments: object, **options: Any) -> Process:
        """A command that has ended."""
        process = self.start(*arguments, **options)
        process.wait()
        return process

    def ends(self, code: int, *arguments: object, **options: Any) -> Process:
        """A command that ends with this exit code and without a traceback."""
        process = self.command(*arguments, **options)
        told = f"{process.name}\n{process.out[-3000:]}\n{process.err[-3000:]}"
        assert process.wait() == code, told
        assert "Traceback" not in process.out + process.err, told
        assert not list(self.folder.glob(".papercoder/errors/*")), told
        return process

    def run_options(
        self, paper: str = "paper.md", output: str = "out", model: str = MODEL, *, reviewed: bool = False
    ) -> list[str]:
        reviews = ("--no-execute",) if reviewed else UNREVIEWED
        return ["run", paper, "--model", model, "--output", output, "--json", *reviews]

    # --- what the provider saw

    def settle(self) -> None:
        """Until no request is in flight, not even one whose client is dead."""
        quiet = 0
        while quiet < 2:
            quiet = 0 if self.simulator.stats()["in_flight"] else quiet + 1
            time.sleep(0.01)

    def wait_for(self, moment: Moment, stage: str = "", nth: int = 1, file: str = "") -> Event:
        """The nth request since this desk was set up has come so far."""
        earlier = [
            event for event in self._before
            if event.moment == moment and stage in ("", event.stage) and file in ("", event.file)
        ]  # fmt: skip
        return self.simulator.wait_for(moment=moment, stage=stage, file=file, nth=len(earlier) + nth, timeout=PATIENCE)

    def requests(self, after: int = 0) -> list[Record]:
        """What was asked since this desk was set up, or after the first so many requests; in order of arrival."""
        first = max((event.id for event in self._before), default=0)
        self.settle()
        since = sorted((record for record in self.simulator.records() if record.id > first), key=lambda r: r.id)
        return since[after:]

    def digest_of(self, record: Record) -> str:
        """The journal's name for the prompt of a request."""
        speakers: dict[str, Any] = {"developer": "system"}  # what the SDK calls it for reasoning models
        turns = [(turn["role"], *_said(turn["content"])) for turn in self.body_of(record)["messages"]]
        return digest(tuple(Message(speakers.get(role, role), text, images) for role, text, images in turns))

    def body_of(self, record: Record) -> dict[str, Any]:
        path = Path(self.simulator.settings.prompts) / f"{record.id:05d}.json"
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return loaded

    def bill(self) -> float:
        return cost(self.requests())

    # --- what is on the disk

    @property
    def output(self) -> Path:
        return self.folder / "out"

    @property
    def database(self) -> Path:
        return self.folder / ".papercoder" / DATABASE

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Reads a copy of the database as it lies there, log and all: looking must not mend what a kill left."""
        if self.url:
            with psycopg.connect(self.url, options="-c search_path=papercoder_home") as server:
                return server.execute(sql.replace("?", "%s").encode(), values).fetchall()
        copy = self.folder.with_name(self.folder.name + "-copy")
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for suffix in ("", "-wal"):
            source = self.database.with_name(DATABASE + suffix)
            if source.exists():
                shutil.copy(source, copy / source.name)
        with closing(sqlite3.connect(copy / DATABASE)) as connection:
            return connection.execute(sql, values).fetchall()

    def calls(self, state: str = "") -> list[Call]:
        rows = self.query("SELECT run, stage, file, attempt, digest, state FROM calls ORDER BY id")
        return [call for call in (Call(*row) for row in rows) if state in ("", call.state)]

    def tree(self, output: str = "out") -> Tree:
        return tree(self.folder / output)


def _said(content: str | list[dict[str, Any]]) -> tuple[str, tuple[Image, ...]]:
    """The text of a message, and its images with the labels before them."""
    if isinstance(content, str):
        return content, ()
    *pairs, last = content
    shown = [(label["text"], image["image_url"]["url"].partition(",")[2]) for label, image in batched(pairs)]
    images = [
        Image(label, hashlib.sha256(b64decode(data)).hexdigest(), "image/png", 0, 0, data) for label, data in shown
    ]
    return last["text"], tuple(images)


def batched(parts: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    return zip(parts[::2], parts[1::2], strict=True)


def tree(folder: Path) -> Tree:
    """Every file of a repository but its history, with the run's id taken out of the manifest."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and folder / ".git" not in path.parents]
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    manifest = json.loads(files[".papercoder/run.json"])
    run = str(manifest["run"]).encode()
    files[".papercoder/run.json"] = files[".papercoder/run.json"].replace(run, b"RUN", 1)
    return files


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


@dataclass(frozen=True)
class Reference:
    """What an undisturbed run of the paper makes, the prompts it takes, and how many of each stage."""

    tree: Tree
    digests: frozenset[str]
    stages: Counter[str]

    @property
    def requests(self) -> int:
        return self.stages.total()

    @classmethod
    def of(cls, desk: Desk, *, reviewed: bool) -> "Reference":
        desk.ends(0, *desk.run_options(reviewed=reviewed))
        requests = desk.requests()
        digests = frozenset(map(desk.digest_of, requests))
        return cls(desk.tree(), digests, Counter(record.stage for record in requests))


@pytest.fixture(scope="session")
def reference(desk_at: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Without critics and assessor."""
    return Reference.of(desk_at(tmp_path_factory.mktemp("reference") / "desk"), reviewed=False)


@pytest.fixture(scope="session")
def strict_reference(desk_at: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """With everything reviewed, and revised once."""
    return Reference.of(desk_at(tmp_path_factory.mktemp("strict") / "desk", reviewer="strict"), reviewed=True)
