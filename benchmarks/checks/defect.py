"""Defects, one a function: a correct repository in, a broken one out, or None where the repository has no place for it.

Each says under which rules it counts as caught.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.checks.subjects import Subject

Mutate = Callable[[Subject, random.Random], Subject | None]


class Operator(NamedTuple):
    """A way to break a repository, and the rules that should find it."""

    mutate: Mutate
    rules: frozenset[str]


def defect(table: dict[str, Operator], *rules: str) -> Callable[[Mutate], Mutate]:
    """Enters a function into a table, under its own name."""

    def register(mutate: Mutate) -> Mutate:
        table[mutate.__name__.replace("_", " ")] = Operator(mutate, frozenset(rules))
        return mutate

    return register
