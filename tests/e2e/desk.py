"""A desk for a test: a folder with a paper, a simulated provider, and the commands that are given there."""

import hashlib
import json
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.simulator.prices import cost
from benchmarks.simulator.process import Simulator
from benchmarks.simulator.records import Event, Moment, Record
from papercoder.models.requests import Image, Message, digest
from papercoder.storage.database import DATABASE
from tests.e2e.processes import PATIENCE, Nursery, Process
from tests.means import paper

FILES = 5
UNREVIEWED = ("--rounds", "0", "--no-tests", "--no-execute", "--no-assess")
"""Options of runs that are about something else: no critic, no tester and no assessor is asked."""
MODEL = "openai:o3-mini"

Tree = dict[str, bytes]


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
        (self.folder / "paper.md").write_text(paper(), encoding="utf-8")
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
