"""Counting tokens offline.  Exact for OpenAI's current models (o200k), an estimate for others."""

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

MESSAGE_OVERHEAD = 4
"""Tokens that a provider adds to frame one message."""

_PIECE = 20_000
_BYTES_OF_A_CHARACTER = 4


@cache
def _tokenizer() -> Any:
    """bpe-openai's extension module by itself.

    Its package reads the tables of every encoding in Python when it is imported, 1.5 s of each command, and refuses
    texts of more than a million characters; the extension needs neither.
    """
    package = find_spec("bpe_openai")
    assert package and package.submodule_search_locations
    names = [Path(package.submodule_search_locations[0]) / f"_bindings{suffix}" for suffix in EXTENSION_SUFFIXES]
    file = next(name for name in names if name.exists())
    loader = ExtensionFileLoader("bpe_openai._bindings", str(file))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module.tokenizer_for_encoding("o200k_base")


def encode(text: str) -> list[int]:
    """o200k's tokens; text that looks like a special token is text."""
    try:
        return list(_tokenizer().encode(text))
    except UnicodeEncodeError:  # half a surrogate pair
        return list(_tokenizer().encode(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")))


@lru_cache(maxsize=512)
def count_tokens(text: str) -> int:
    return len(encode(text))


def cut_to_tokens(text: str, limit: int) -> str:
    """The longest beginning of `text` (on a line's end, where one is near) with at most `limit` tokens."""
    limit = max(limit, 0)
    if len(text.encode("utf-8", "surrogatepass")) <= limit or count_tokens(text) <= limit:
        return text
    kept = next(_beginnings(encode(text[: limit * _PIECE])[:limit]))
    line = kept.rfind("\n")
    kept = kept[: line + 1] if line > len(kept) * 0.8 else kept
    while count_tokens(kept) > limit:  # a word that was cut in two may have more tokens than its part had
        kept = kept[:-1]
    return kept


def _beginnings(tokens: list[int]) -> Iterator[str]:
    """Texts of the tokens, without the last ones where these end in the midst of a character."""
    for missing in range(min(len(tokens), _BYTES_OF_A_CHARACTER)):
        try:
            yield _tokenizer().decode(tokens[: len(tokens) - missing])
        except ValueError:
            continue
    yield ""
