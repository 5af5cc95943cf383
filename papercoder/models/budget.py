"""Budgets in money, tokens and time: reserved before each call, settled after it, never overshot."""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from state.context import Budget
from state.errors import BudgetSpent
from state.ledger import LedgerEntry, Usage

MARGIN = 1.35
"""What other tokenizers make of a text that we count with OpenAI's, at most, as far as we know."""

_RESUME = (
    "The run is kept. Go on with a larger one: papercoder resume --budget … (or --budget-tokens, --budget-minutes)"
)


class BudgetKeeper:
    """Holds what was spent and what calls in flight may still cost."""

    def __init__(self, budget: Budget, spent: list[LedgerEntry]) -> None:
        self._budget = budget
        self.count(spent)
        self._reserved: dict[int, tuple[float, int]] = {}
        self._settled = asyncio.Condition()
        self._started = time.monotonic()
        self._next = 0
        self._input_ratio, self._output_ratio = MARGIN, 1.0

    def most(self, asked: Usage) -> Usage:
        """What a call may take that has so many tokens by our count: more, where the provider was seen to take more."""
        return Usage(
            input=math.ceil(asked.input * self._input_ratio), output=math.ceil(asked.output * self._output_ratio)
        )

    def learn(self, asked: Usage, reported: Usage) -> None:
        """Some endpoints count more than we do, or do not keep to the limit of an answer: expect it from now on."""
        if not reported.estimated:
            self._input_ratio = max(self._input_ratio, reported.input / max(1, asked.input))
            self._output_ratio = max(self._output_ratio, reported.output / max(1, asked.output))

    def count(self, spent: list[LedgerEntry]) -> None:
        """What was lost on its way, or in flight at a kill, may have been billed: its reservation counts as spent."""
        counted = [entry for entry in spent if entry.state != "open"]
        self._dollars = sum(_surely(entry.usage) * (entry.dollars or 0.0) for entry in counted)
        self._tokens = sum(_tokens(entry.usage) for entry in counted)

    async def reserve(self, usage: Usage, dollars: float | None) -> int:
        """Set aside what a call may cost at most; waits for calls in flight to settle; raises `BudgetSpent`."""
        async with self._settled:
            while problem := self._problem(usage, dollars or 0.0):
                if not self._reserved:
                    raise BudgetSpent(problem, _RESUME)
                await self._settled.wait()
            self._next += 1
            self._reserved[self._next] = (dollars or 0.0, usage.input + usage.output)
            return self._next

    async def settle(self, ticket: int, usage: Usage, dollars: float | None) -> None:
        async with self._settled:
            del self._reserved[ticket]
            self._dollars += _surely(usage) * (dollars or 0.0)
            self._tokens += _tokens(usage)
            self._settled.notify_all()

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """What is done in here ends with `BudgetSpent` when the time is spent, however long a provider hangs."""
        timer = asyncio.timeout(self._seconds_left())
        try:
            async with timer:
                yield
        except TimeoutError as error:
            if not timer.expired():
                raise
            raise BudgetSpent(self._time_spent(), _RESUME) from error

    def _seconds_left(self) -> float | None:
        minutes = self._budget.minutes
        return None if minutes is None else minutes * 60 - (time.monotonic() - self._started)

    def _time_spent(self) -> str:
        return f"The budget of {self._budget.minutes:g} minutes is spent."

    def _problem(self, usage: Usage, dollars: float) -> str:
        held_dollars = sum(held for held, _ in self._reserved.values())
        held_tokens = sum(held for _, held in self._reserved.values())
        cap = self._budget
        if cap.dollars is not None and self._dollars + held_dollars + dollars > cap.dollars:
            return (
                f"The budget of ${cap.dollars:.2f} does not cover the next call: ${self._dollars:.4f} are spent "
                f"and it may cost up to ${dollars:.4f}."
            )
        needed = usage.input + usage.output
        if cap.tokens is not None and self._tokens + held_tokens + needed > cap.tokens:
            return (
                f"The budget of {cap.tokens:,} tokens does not cover the next call: {self._tokens:,} are spent "
                f"and it may take up to {needed:,}."
            )
        left = self._seconds_left()
        return self._time_spent() if left is not None and left < 0 else ""


def _surely(usage: Usage) -> float:
    """Usage that the provider did not report is our count, and counts with a margin."""
    return MARGIN if usage.estimated else 1.0


def _tokens(usage: Usage) -> int:
    return math.ceil(_surely(usage) * (usage.input + usage.output))
