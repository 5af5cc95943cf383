"""Whatever a provider does to calls side by side, its bill stays below the cap, and the ledger knows how far."""

import asyncio
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents import exchange
from agents.model import open_session
from agents.question import Question
from agents.session import Session
from papercoder.models.answers import AnswerError
from papercoder.models.budget import MARGIN
from papercoder.models.providers import Transient
from papercoder.models.requests import Request
from papercoder.storage.journal import Completion, Journal
from papercoder.storage.sqlite import open_sqlite_journal
from state.context import Budget, Context, Price
from state.errors import AnswerUnusable, BudgetSpent, ProviderError
from state.ledger import Totals, Usage

PRICE = Price(input=1.0, cached=0.5, output=4.0)
LIMIT = 1_000
QUESTIONS = 20


@dataclass(frozen=True)
class Fate:
    """What becomes of a request: how it ends, how much of its limit it takes, how long others may run before."""

    end: str
    share: float
    turns: int


FATES = st.builds(
    Fate,
    st.sampled_from(["answered", "answered", "answered", "uncounted", "refused", "lost", "wrong", "cut"]),
    st.floats(0, 1),
    st.integers(0, 6),
)


@dataclass
class Storm:
    """A provider that bills what it worked on, whether we hear of it or not.  Its tokenizer is not ours."""

    fates: list[Fate]
    finer: float
    billed: list[Usage] = field(default_factory=list)
    model: str = "test:m"
    _next: int = 0

    async def complete(self, request: Request) -> Completion:
        fate = self.fates[self._next % len(self.fates)]
        self._next += 1
        usage = Usage(input=math.floor(request.input_tokens * self.finer), output=math.floor(LIMIT * fate.share))
        if fate.end != "refused":
            self.billed.append(usage)
        for _ in range(fate.turns):
            await asyncio.sleep(0)
        if request.on_first_token:
            request.on_first_token()
        if fate.end in ("refused", "lost"):
            raise Transient(fate.end, free=fate.end == "refused")
        if fate.end == "uncounted":
            usage = Usage(input=request.input_tokens, output=math.ceil(usage.output / MARGIN), estimated=True)
        text = "bad" if fate.end == "wrong" else "good\n"
        finish = "length" if fate.end == "cut" else "stop"
        return Completion(text, finish, usage, 0.0, self.model, price(usage))

    @property
    def dollars(self) -> float:
        return sum(map(price, self.billed))

    @property
    def tokens(self) -> int:
        return sum(usage.input + usage.output for usage in self.billed)


def price(usage: Usage) -> float:
    return (usage.input * PRICE.input + usage.output * PRICE.output) / 1e6


def parse(text: str) -> str:
    if "bad" in text:
        raise AnswerError("bad")
    return text


async def questions(session: Session, fan_out: bool) -> None:
    """All at once.  Every end is a foreseen one."""
    asked: list[Question[str]] = [
        Question("coder", "coding", "S", "P " * 40, f"task {number}", parse, fan_out=fan_out)
        for number in range(QUESTIONS)
    ]
    ends = await asyncio.gather(*(session.answer(one, lambda _: None) for one in asked), return_exceptions=True)
    for end in ends:
        assert isinstance(end, str | BudgetSpent | AnswerUnusable | ProviderError), repr(end)


@pytest.mark.parametrize("kind", ["dollars", "tokens"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fates=st.lists(FATES, min_size=1, max_size=30),
    finer=st.floats(0.5, MARGIN),
    part=st.floats(0.05, 1.2),
    fan_out=st.booleans(),
)
def test_the_provider_s_bill_never_exceeds_the_cap(
    monkeypatch: pytest.MonkeyPatch, kind: str, fates: list[Fate], finer: float, part: float, fan_out: bool
) -> None:
    storm = Storm(fates, finer)
    monkeypatch.setattr(exchange, "connect", lambda role, context: storm)
    monkeypatch.setattr(exchange, "_back_off", lambda retry: 0.0)
    most = QUESTIONS * LIMIT
    cap: dict[str, Any] = {"dollars": {"dollars": part * most * 4 / 1e6}, "tokens": {"tokens": math.ceil(part * most)}}
    asyncio.run(_weather(storm, Budget(**cap[kind]), fan_out))


async def _weather(storm: Storm, budget: Budget, fan_out: bool) -> None:
    context = Context(
        model="test:m", price=PRICE, budget=budget, max_output_tokens=LIMIT, context_window=100_000, retries=3,
        concurrency=16,
    )  # fmt: skip
    async with open_sqlite_journal(Path(":memory:")) as journal:
        for _ in range(2):  # the second process knows of the first by the ledger alone
            await questions(await open_session("run", context, journal), fan_out)
            assert storm.dollars <= (budget.dollars or math.inf) + 1e-12
            assert storm.tokens <= (budget.tokens or math.inf)
            await _is_honest(journal, storm)


async def _is_honest(journal: Journal, storm: Storm) -> None:
    totals = Totals.of(await journal.ledger("run"))
    guessed = MARGIN if totals.usage.estimated else 1.0
    assert storm.dollars <= (totals.dollars * guessed + totals.lost_dollars) + 1e-12
    if not totals.usage.estimated:
        assert totals.dollars <= storm.dollars + 1e-12


async def test_a_provider_that_ignores_the_limit_is_expected_to_do_so_again(tmp_path: Path) -> None:
    from papercoder.models.budget import BudgetKeeper

    keeper = BudgetKeeper(Budget(tokens=10_000), [])
    asked = Usage(input=100, output=1_000)
    keeper.learn(asked, Usage(input=100, output=4_000))
    assert keeper.most(asked) == Usage(input=135, output=4_000)
    keeper.learn(asked, Usage(input=200, output=10, estimated=True))
    assert keeper.most(asked).input == 135
    keeper.learn(asked, Usage(input=200, output=10))
    assert keeper.most(asked) == Usage(input=200, output=4_000)
