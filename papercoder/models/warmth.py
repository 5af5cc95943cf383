"""In a fan-out one request goes first, so that the others find its prefix in the provider's cache.

Requests that share a prefix and leave together all miss the cache, and each pays for it in full.  So the first one is
streamed, and the others leave when its first token shows that the prefix has been read.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager, suppress

PATIENCE = 60.0
"""Seconds that followers wait for the leader's first token before they go anyway."""


class Warmth:
    """Which prefixes this process has seen read by a provider."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._read: dict[Hashable, asyncio.Event] = {}
        self._patience = patience

    @asynccontextmanager
    async def turn(self, prefix: Hashable, fan_out: bool) -> AsyncIterator[Callable[[], None] | None]:
        """Yields what the leader must call at its first token, None for everyone else."""
        if not fan_out:
            yield None
            return
        read = self._read.get(prefix)
        if read is None:
            read = self._read[prefix] = asyncio.Event()
            try:
                yield read.set
            finally:
                if not read.is_set():  # it failed: whoever comes next leads
                    del self._read[prefix]
                    read.set()
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(read.wait(), self._patience)
        yield None
