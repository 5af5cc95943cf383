"""A session whose provider says what the test tells it to."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agents import exchange
from agents.model import open_session
from agents.question import Question
from agents.session import Session
from papercoder.models.recordings import Recorder
from papercoder.models.requests import Request
from papercoder.storage.database import open_journal
from papercoder.storage.journal import Completion, Journal
from state.context import Context
from state.events import EVENT, Event
from state.ledger import Usage

Answer = str | Exception | Completion | Callable[[Request], Any]


def completion(text: str, finish: str = "stop", **changes: Any) -> Completion:
    fields = {"usage": Usage(input=100, cached=20, output=10), "seconds": 0.5, "model": "test:m", "dollars": 0.25}
    return Completion(text, finish, **{**fields, **changes})


@dataclass
class Script:
    """A provider that answers in order; the last answer stands for all that follow."""

    answers: list[Answer] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    model: str = "test:m"

    async def complete(self, request: Request) -> Completion:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = await answer(request)
        if request.on_first_token:
            request.on_first_token()
        if isinstance(answer, Exception):
            raise answer
        return completion(answer) if isinstance(answer, str) else answer


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    async with open_journal(tmp_path) as opened:
        yield opened


@dataclass
class Bench:
    """Opens sessions of one run and keeps what they emitted."""

    journal: Journal
    script: Script
    events: list[Event] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    async def session(self, recorder: Recorder | None = None, **settings: Any) -> Session:
        context = Context(model="test:m", **{"context_window": 100_000, **settings})
        return await open_session("run", context, self.journal, recorder)

    async def ask(self, question: Question[Any], session: Session | None = None, **settings: Any) -> Any:
        return await (session or await self.session(**settings)).answer(question, self.emit)

    def emit(self, value: Any) -> None:
        event = EVENT.validate_python(value)
        self.events.append(event)
        if event.kind == "waiting":
            self.waits.append(event.seconds)

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def question(self, parse: Callable[[str], Any] = str, **changes: Any) -> Question[Any]:
        fields: dict[str, Any] = {"role": "coder", "stage": "coding", "system": "S", "prefix": "P", "task": "T"}
        return Question(**{**fields, **changes}, parse=parse)


@pytest.fixture
def bench(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> Bench:
    script = Script()
    monkeypatch.setattr(exchange, "connect", lambda role, context: script)
    monkeypatch.setattr(exchange, "_back_off", lambda retry: 0.001 * (retry + 1))
    return Bench(journal, script)


@pytest.fixture
def an_answer() -> Callable[..., Completion]:
    return completion
