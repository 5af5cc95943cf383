"""Counting tokens offline.  Exact for OpenAI's current models (o200k), an estimate for others."""

from functools import cache, lru_cache
from typing import Any

MESSAGE_OVERHEAD = 4
"""Tokens that a provider adds to frame one message."""

_PIECE = 20_000


@cache
def _encoding() -> Any:
    import bpe_openai

    return bpe_openai.get_encoding("o200k_base")


@lru_cache(maxsize=512)
def count_tokens(text: str) -> int:
    return len(_encoding().encode_ordinary(text))


def cut_to_tokens(text: str, limit: int) -> str:
    """The longest beginning of `text` (on a line's end, where one is near) with at most `limit` tokens."""
    limit = max(limit, 0)
    if len(text.encode("utf-8", "surrogatepass")) <= limit or count_tokens(text) <= limit:
        return text
    tokens = _encoding().encode_ordinary(text[: limit * _PIECE])[:limit]
    kept: str = _encoding().decode_bytes(tokens).decode("utf-8", "ignore")
    line = kept.rfind("\n")
    kept = kept[: line + 1] if line > len(kept) * 0.8 else kept
    while count_tokens(kept) > limit:  # a word that was cut in two may have more tokens than its part had
        kept = kept[:-1]
    return kept
