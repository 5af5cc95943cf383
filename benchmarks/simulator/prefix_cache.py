"""The provider's automatic prefix cache.

A request is billed at the cached rate for its longest prefix that the same model has seen, in whole steps of 128
tokens and from 1,024 tokens on.  A prompt's blocks become visible when its prefill is done, so identical requests sent
together all miss; they expire when nobody used them for a while.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.simulator.images import TOKEN_BYTES
from benchmarks.simulator.settings import Settings


@dataclass
class _Block:
    visible: float
    used: float


class PrefixCache:
    """Blocks of tokens by the digest of everything up to their end; the model is part of the digest."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._blocks: dict[bytes, _Block] = {}

    def lookup(self, digests: list[bytes], now: float) -> int:
        """How many tokens of the prompt are cached at this simulated time; using them keeps them alive."""
        hits = 0
        for digest in digests if self._settings.cache else ():
            block = self._blocks.get(digest)
            if block is None or block.visible > now or self._expired(block, now):
                break
            block.used = now
            hits += 1
        tokens = hits * self._settings.cache_step
        return tokens if tokens >= self._settings.cache_min_tokens else 0

    def insert(self, digests: list[bytes], visible: float) -> None:
        for digest in digests:
            block = self._blocks.get(digest)
            if block is None or self._expired(block, visible):
                self._blocks[digest] = _Block(visible, visible)
            else:
                block.visible = min(block.visible, visible)
                block.used = max(block.used, visible)

    def _expired(self, block: _Block, now: float) -> bool:
        return now - block.used > self._settings.cache_ttl


def digests(model: str, prompt: bytes, step: int) -> list[bytes]:
    """A rolling digest after each whole block: equal digests mean the same model and equal prefixes."""
    return list(_rolling(model, prompt, step * TOKEN_BYTES))


def _rolling(model: str, prompt: bytes, size: int) -> Iterator[bytes]:
    rolling = hashlib.blake2b(f"{model}\0".encode(), digest_size=16)
    view = memoryview(prompt)
    for start in range(0, len(prompt) - size + 1, size):
        rolling.update(view[start : start + size])
        yield rolling.copy().digest()
