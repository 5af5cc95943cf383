"""Where a SEARCH text stands in a file: exactly, else but for white space; and if nowhere, what comes nearest."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_COMPARED, MAX_WIDTH = 40, 160
"""Lines of a SEARCH text, and characters of a line, that are looked at to find what comes nearest."""


@dataclass(frozen=True)
class Match:
    """Lines `start` to `end` of the file, counted from 0, `end` excluded."""

    start: int
    end: int


def exact_matches(lines: Sequence[str], search: Sequence[str]) -> list[Match]:
    """Every place where these lines stand one after the other."""
    size = len(search)
    return [
        Match(start, start + size) for start in range(len(lines) - size + 1) if lines[start : start + size] == search
    ]


def loose_matches(lines: Sequence[str], search: Sequence[str]) -> list[Match]:
    """The same with white space at both ends of lines ignored, and every run of it inside taken for one space."""
    wanted = [squeezed(line) for line in search]
    if not any(wanted):
        return []
    return exact_matches([squeezed(line) for line in lines], wanted)


def squeezed(line: str) -> str:
    return re.sub(r"\s+", " ", line.strip())


def trimmed(lines: Sequence[str]) -> list[str]:
    """Without the blank lines at both ends."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def rebased(replace: Sequence[str], search: Sequence[str], found: Sequence[str]) -> list[str] | None:
    """The new lines with the file's indentation in place of the edit's; None if the two do not correspond.

    `search` and `found` are the same lines, as the edit and as the file has them.
    """
    pairs = {(indent(old), indent(new)) for old, new in zip(search, found, strict=True) if old.strip()}
    depths = dict(pairs)
    if len(depths) != len(pairs) or len(set(depths.values())) != len(depths):
        return None
    moved = [_moved(line, depths) for line in replace]
    return None if None in moved else [line for line in moved if line is not None]


def indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _moved(line: str, depths: dict[str, str]) -> str | None:
    """A line at the depth that its indentation stands for; deeper than any known by what it is deeper."""
    if not line.strip():
        return ""
    own = indent(line)
    known = max((depth for depth in depths if own.startswith(depth)), key=len, default=None)
    if known is not None:
        return depths[known] + line[len(known) :]
    nearest = min((depth for depth in depths if depth.startswith(own)), key=len, default=None)
    if nearest is None or not depths[nearest].endswith(nearest[len(own) :]):
        return None
    return depths[nearest].removesuffix(nearest[len(own) :]) + line.lstrip()


def nearest(lines: Sequence[str], search: Sequence[str]) -> Match | None:
    """The stretch of the file that is most like the SEARCH text; None if nothing is like it."""
    size = min(len(search), len(lines), MAX_COMPARED)
    wanted = [squeezed(line)[:MAX_WIDTH] for line in search[:size]]
    have = [squeezed(line)[:MAX_WIDTH] for line in lines]
    alike = _alike(have, wanted)
    best = max(range(len(have) - size + 1), key=lambda start: _score(have, start, wanted, alike), default=0)
    return Match(best, best + size) if size and _score(have, best, wanted, alike) > 0 else None


def _alike(have: Sequence[str], wanted: Sequence[str]) -> dict[str, set[str]]:
    """SEARCH line → the lines of the file that resemble it."""
    filled = {line for line in have if line}
    return {line: set(difflib.get_close_matches(line, sorted(filled), n=3, cutoff=0.6)) for line in set(wanted) if line}


def _score(have: Sequence[str], start: int, wanted: Sequence[str], alike: dict[str, set[str]]) -> int:
    pairs = zip(have[start:], wanted, strict=False)
    return sum(2 * (old == new) + (old in alike.get(new, ())) for old, new in pairs if new)
