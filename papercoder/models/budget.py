"""Budgets in money, tokens and time: reserved before each call, settled after it, never overshot."""

import asyncio
import time

from state.context import Budget
from state.errors import BudgetSpent
from state.ledger import LedgerEntry, Usage

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

    def count(self, spent: list[LedgerEntry]) -> None:
        """What was in flight at a kill may have been billed: its reservation counts as spent."""
        counted = [entry for entry in spent if entry.state in ("answered", "abandoned")]
        self._dollars = sum(entry.dollars or 0.0 for entry in counted)
        self._tokens = sum(entry.usage.input + entry.usage.output for entry in counted)

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
            self._dollars += dollars or 0.0
            self._tokens += usage.input + usage.output
            self._settled.notify_all()

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
        if cap.minutes is not None and time.monotonic() - self._started > cap.minutes * 60:
            return f"The budget of {cap.minutes:g} minutes is spent."
        return ""
