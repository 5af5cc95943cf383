"""In a fan-out one request goes first, so that the others find its prefix in the provider's cache.

Requests that share a prefix and leave together all miss the cache, and each pays for it in full.  So the first one is
streamed, and the others leave when its first token shows that the prefix has been read.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager, suppress

PATIENCE = 60.0
"""Seconds that followers wait for the leader's first token before they go anyway."""


class Warmth:
    """Which prefixes this process has seen read by a provider."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._read: dict[Hashable, asyncio.Event] = {}
        self._patience = patience

    @asynccontextmanager
    async def turn(self, prefixes: Sequence[Hashable]) -> AsyncIterator[Callable[[], None] | None]:
        """Waits for those of the prefixes (the shortest first) that another request is reading, and leads the rest.

        Yields what a leader must call at its first token, and None to everyone else.
        """
        led: list[Hashable] = []
        try:
            for prefix in prefixes:
                while read := self._read.get(prefix):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(read.wait(), self._patience)
                    if self._read.get(prefix) is read:
                        break
                else:  # nobody leads, or nobody does any more
                    self._read[prefix] = asyncio.Event()
                    led.append(prefix)
            yield (lambda: self._note(led)) if led else None
        finally:
            self._hand_over(led)

    def _note(self, prefixes: Sequence[Hashable]) -> None:
        for prefix in prefixes:
            self._read[prefix].set()

    def _hand_over(self, led: Sequence[Hashable]) -> None:
        """A leader that failed before its first token lets go: the first who waits, or whoever comes next, leads."""
        for prefix in led:
            if not self._read[prefix].is_set():
                self._read.pop(prefix).set()
