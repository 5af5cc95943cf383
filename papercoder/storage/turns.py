"""Turns: of the processes that share a journal, one at a time has questions of a run in flight.

A server gives a run to another worker when it takes ours for dead.  It may be wrong: a process that was only frozen
goes on where it was, until it hears of it.  Then both work on the run, but neither asks what the other is asking: the
one that waited for its turn finds the answer in the journal.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from papercoder.storage.locks import Locks
from state.errors import RunLocked

PATIENCE = 120.0
"""Seconds to wait for our turn.  A machine that lost its power keeps it for a minute: until the database notices."""

_PAUSE = 0.2


class Turn:
    """Taken with the first question of the run that this process has in flight, given back after the last.

    `taken` is called each time, before anything is asked: whoever had the turn before may have left something.
    Without locks nobody else shares the journal, and there is nothing to wait for.
    """

    def __init__(self, locks: Locks | None, run: str, taken: Callable[[], Awaitable[None]]) -> None:
        self._locks = locks
        self._run = run
        self._taken = taken
        self._users = 0
        self._changing = asyncio.Lock()
        self._held = AsyncExitStack()

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """Raises `RunLocked` where another process keeps the turn longer than our patience lasts."""
        await self._enter()
        try:
            yield
        finally:
            await asyncio.shield(self._leave())  # also of a question that is cancelled twice

    async def _enter(self) -> None:
        async with self._changing:
            if not self._users:
                await self._take()
                try:
                    await self._taken()
                except BaseException:
                    await self._held.aclose()
                    raise
            self._users += 1

    async def _leave(self) -> None:
        async with self._changing:
            self._users -= 1
            if not self._users:
                await self._held.aclose()

    async def _take(self) -> None:
        latest = time.monotonic() + PATIENCE
        while self._locks:
            attempt = asyncio.ensure_future(self._held.enter_async_context(self._locks.hold(self._run)))
            try:
                return await asyncio.shield(attempt)
            except RunLocked:
                if time.monotonic() > latest:
                    raise
            except asyncio.CancelledError:  # an attempt is short: let it end, so that it leaves no lock behind
                with suppress(RunLocked):
                    await attempt
                await self._held.aclose()
                raise
            await asyncio.sleep(_PAUSE)
