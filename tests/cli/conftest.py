"""A home folder that plays back events, in place of the real one."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from papercoder.cli import home as door
from papercoder.cli.app import group
from papercoder.runs import RunRecord
from state.artifacts import OpenChoice
from state.context import Context
from state.critique import Critique
from state.errors import InputError
from state.events import (
    CallFinished,
    CallStarted,
    Event,
    FileFinished,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    Warned,
)
from state.ledger import LedgerEntry, Totals, Usage
from state.plan import Plan, PlanItem
from state.published import Published
from state.walkthrough import Walked

RUN = "20261122-1530-ab12"
ENTRY = LedgerEntry(
    stage="planning",
    role="planner",
    model="openai:gpt-5-mini",
    state="answered",
    dollars=0.25,
    seconds=12,
    usage=Usage(input=10_000, cached=9_000, output=500),
)
PLAN = Plan(
    summary="A paper.",
    method=[PlanItem(what="Scale by the root of d_k.", source=["E1"])],
    data=[],
    experiments=[],
    metrics=[],
    open_choices=[OpenChoice(question="Which seed?", choice="0", alternatives=["1", "2"], reason="plain")],
)


def record(**changes: Any) -> RunRecord:
    fields = {
        "id": RUN,
        "status": "stopped",
        "stage": "architecture",
        "title": "Attention [sic] Is All You Need",
        "source": "/p/paper.pdf",
        "output": "/p/paper-code",
        "created": "2026-11-22T15:30:00+00:00",
        "updated": "2026-11-22T15:31:00+00:00",
        "context": Context(),
    }
    return RunRecord(**{**fields, **changes})


def whole_run(output: str) -> list[Event]:
    """A run with one file."""
    totals = Totals.of([ENTRY])
    return [
        RunStarted(run=RUN, model="openai:gpt-5-mini", output=output),
        StageStarted(stage="planning"),
        CallStarted(stage="planning", role="planner"),
        CallFinished(entry=ENTRY, totals=totals),
        StageFinished(stage="planning", summary="1 item"),
        Warned(text="no \x1b[31mtable"),
        StageStarted(stage="coding", files=1),
        FileFinished(stage="coding", file="main.py"),
        StageFinished(stage="coding"),
        RunFinished(run=RUN, published=Published(folder=output, files=7, commit="abcdef123"), totals=totals),
    ]


class FakeHome:
    """Yields what it is told to and keeps what it was asked."""

    def __init__(self) -> None:
        self.events: list[Event | BaseException] | None = None
        self.records = [record()]
        self.values: dict[str, Any] = {"plan": PLAN}
        self.reviews: dict[str, Critique] = {}
        self.walk: Walked | None = None
        self.entries = [ENTRY, ENTRY.model_copy(update={"stage": "coding", "file": "main.py", "dollars": None})]
        self.asked: dict[str, Any] = {}
        self.removed: list[str] = []
        self.stops = 0
        self.on_event: Callable[[Event], None] = lambda event: None
        self.after: Callable[[], Any] | None = None

    async def runs(self) -> list[RunRecord]:
        return self.records

    async def run(self, prefix: str) -> RunRecord:
        found = [one for one in self.records if one.id.startswith(prefix)]
        if len(found) != 1:
            raise InputError(f"there is no run {prefix!r}", "List them with: papercoder runs")
        return found[0]

    async def ledger(self, run: str) -> list[LedgerEntry]:
        return self.entries

    async def remove(self, run: str) -> int:
        self.removed.append(run)
        return 4_200_000

    async def state(self, run: str) -> dict[str, Any]:
        return self.values

    async def tests(self, run: str) -> dict[str, str]:
        return {}

    async def critiques(self, run: str) -> dict[str, Critique]:
        return self.reviews

    async def walked(self, run: str) -> Walked | None:
        return self.walk

    def start(self, source: Path, output: Path, context: Context, **given: Any) -> AsyncIterator[Event]:
        self.asked = {"source": source, "output": output, "context": context, **given}
        return self._play(str(output))

    def resume(self, run: str, **given: Any) -> AsyncIterator[Event]:
        self.asked = {"run": run, **given}
        return self._play("/p/paper-code")

    def revise(self, run: str, remark: str, **given: Any) -> AsyncIterator[Event]:
        self.asked = {"run": run, "remark": remark, **given}
        return self._play("/p/paper-code")

    def stop(self) -> None:
        self.stops += 1

    async def _play(self, output: str) -> AsyncIterator[Event]:
        for event in whole_run(output) if self.events is None else self.events:
            if isinstance(event, BaseException):
                raise event
            yield event
            self.on_event(event)
        if self.after:
            await self.after()


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHome]:
    fake = FakeHome()

    @asynccontextmanager
    async def open_home(folder: Path, database: str = "") -> AsyncIterator[FakeHome]:
        yield fake

    monkeypatch.setattr(door, "open_home", open_home)
    return fake


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with one paper, and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("MODEL", "HOME", "BASE_URL", "DEBUG", "DATABASE", "SERVER"):
        monkeypatch.delenv(f"PAPERCODER_{name}", raising=False)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-")
    return tmp_path


Invoke = Callable[..., Result]


@pytest.fixture
def invoke() -> Invoke:
    def run(*args: str, command: click.Command = group) -> Result:
        return CliRunner().invoke(command, list(args))

    return run


@pytest.fixture
def a_record() -> Callable[..., RunRecord]:
    return record
