"""What of a repository a judge is shown, within a number of tokens.

The rule: files come in an order, the most important first.  Each is shown whole if it fits into what is left; else as
its signatures, if these fit; else not at all, and is named.  The order is by kind (code, settings, scripts, texts,
tests and examples last), then by how deep a file lies, then by name; for a leaf of a rubric it is by how much its words
have in common with the leaf's.  What is shown stands in the order of names.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from agents.headers import header
from papercoder.evaluation.repository import CODE, RESULTS, SCRIPTS, SETTINGS
from papercoder.models.tokens import count_tokens
from prompts import quoted

MOST_NAMES = 200
"""Of files that are not shown."""

_ASIDE = re.compile(r"(?:^|/)(?:tests?|examples?|docs?|notebooks?)/|(?:^|/)(?:test_[^/]*|conftest)\.py$", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]{3,}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Packed:
    """`entries`: the files as a prompt shows them, names and all inside the tags.  The rest are names."""

    entries: tuple[str, ...]
    shown: frozenset[str]
    outlined: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def trimmed(self) -> tuple[str, ...]:
        """For the ledger and the report."""
        return (
            *(f"the bodies of {path}" for path in self.outlined),
            *(f"{path}, which is not shown" for path in self.left_out),
        )

    @property
    def unseen(self) -> str:
        """The names of files that are not shown, between tags: a name may say anything."""
        if not self.left_out:
            return ""
        more = len(self.left_out) - MOST_NAMES
        return quoted("header", "\n".join([*self.left_out[:MOST_NAMES], *([f"and {more} more"] if more > 0 else [])]))


def packed(files: Mapping[str, str], order: Sequence[str], limit: int) -> Packed:
    """As many of the files as `limit` tokens allow."""
    entries: dict[str, str] = {}
    outlined: list[str] = []
    left = limit
    for path in order:
        for text, is_outline in ((files[path], False), (_outline(path, files[path]), True)):
            entry = quoted("file", f"{path}\n\n{text}")
            if text and (size := count_tokens(entry) + 2) <= left:
                entries[path] = entry
                outlined += [path] if is_outline else []
                left -= size
                break
    return Packed(
        entries=tuple(entries[path] for path in sorted(entries)),
        shown=frozenset(entries),
        outlined=tuple(outlined),
        left_out=tuple(path for path in order if path not in entries),
    )


def _outline(path: str, text: str) -> str:
    return f"(signatures only)\n{header(text)}" if path.endswith(".py") else ""


def size(files: Mapping[str, str]) -> int:
    """Tokens of all files whole."""
    return sum(count_tokens(quoted("file", f"{path}\n\n{text}")) + 2 for path, text in files.items())


def halves(first: int, second: int, room: int, share: float = 0.5) -> tuple[int, int]:
    """Tokens for two repositories: the first may have its share of the room, and what the second does not need."""
    given = min(first, max(int(room * share), room - second))
    return given, room - given


def by_kind(files: Mapping[str, str]) -> list[str]:
    """The usual order: what an implementation is made of first."""
    return sorted(files, key=_importance)


def _importance(path: str) -> tuple[int, int, str]:
    suffix, name = PurePosixPath(path).suffix, PurePosixPath(path).name
    kinds = (suffix in CODE, suffix in SETTINGS and name not in RESULTS, suffix in SCRIPTS)
    kind = 4 if _ASIDE.search(path) else next((number for number, is_it in enumerate(kinds) if is_it), 3)
    return kind, path.count("/"), path


def by_relevance(files: Mapping[str, str], words: Mapping[str, Counter[str]], wanted: str) -> list[str]:
    """The files that have most of the rare words of `wanted` first; among equals the usual order."""
    rarity = {word: _rarity(word, words) for word in set(words_of(wanted))}
    weights = {path: sum(rarity[word] * min(found[word], 3) for word in rarity) for path, found in words.items()}
    return sorted(by_kind(files), key=lambda path: -weights[path])


def _rarity(word: str, words: Mapping[str, Counter[str]]) -> float:
    having = sum(word in found for found in words.values())
    return math.log((1 + len(words)) / (1 + having))


def words_by_file(files: Mapping[str, str]) -> dict[str, Counter[str]]:
    """The words of each file, its name's among them."""
    return {path: Counter(words_of(f"{path}\n{text}")) for path, text in files.items()}


def words_of(text: str) -> list[str]:
    """`batchSize` and `batch_size` are the same two words."""
    return [word.lower() for word in _WORD.findall(_CAMEL.sub(" ", text))]
