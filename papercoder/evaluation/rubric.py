"""Rubrics in PaperBench's format: read, pruned, scored.

A rubric is a tree `{id, requirements, weight, sub_tasks, task_category, finegrained_task_category}`.  Its leaves are
met or not; a parent's score is Σ(score · weight) / Σ weight over its children, and 0 where the weights add up to 0.
Ids may repeat, so a node is known by its place in the tree: `1` is the root, `1.2` its second child.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from state.errors import InputError

TaskCategory = Literal["Code Development", "Code Execution", "Result Analysis"]
CODE_DEVELOPMENT: TaskCategory = "Code Development"

MAX_DEPTH = 60
MAX_NODES = 50_000


class RubricNode(BaseModel):
    """A requirement, and what it consists of."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    requirements: str = Field(min_length=1)
    weight: float = Field(ge=0, allow_inf_nan=False)
    sub_tasks: tuple["RubricNode", ...] = ()
    task_category: TaskCategory | None = None
    finegrained_task_category: str | None = None

    @model_validator(mode="after")
    def _leaves_alone_have_a_category(self) -> "RubricNode":
        if self.sub_tasks and self.task_category:
            raise ValueError(f"the node {self.id!r} has sub-tasks and a task_category; only leaves have one")
        if not self.sub_tasks and not self.task_category:
            raise ValueError(f"the leaf {self.id!r} has no task_category")
        return self


@dataclass(frozen=True)
class Leaf:
    """What a judge is asked about.  `key` is its place in the tree, `above` the requirements it is a part of."""

    key: str
    node: RubricNode
    above: tuple[str, ...]

    @property
    def parent(self) -> str:
        """The place of the node that it stands under; its own for a tree that is one leaf."""
        return self.key.rpartition(".")[0] or self.key


Keep = Callable[[RubricNode], bool]


def everything(_: RubricNode) -> bool:
    """Every leaf counts."""
    return True


def code_development(leaf: RubricNode) -> bool:
    """PaperBench Code-Dev: what can be seen in the code alone."""
    return leaf.task_category == CODE_DEVELOPMENT


def read_rubric(text: str, name: str = "the rubric") -> RubricNode:
    """Raises `InputError` for what is no rubric, saying where it is wrong."""
    try:
        value = json.loads(text)
        _check_size(value)
        return RubricNode.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "its root"
        reason = f"{where}: {first['msg'].removeprefix('Value error, ')}"
    except (ValueError, RecursionError) as error:
        reason = str(error)
    raise InputError(f"{name} is not a rubric in PaperBench's format: {reason}.", "See: docs/evaluation.md")


def _check_size(value: object) -> None:
    """A tree that is too deep, or has too many nodes, is refused before anything walks through it."""
    nodes, ring, depth = 0, [value], 0
    while ring:
        depth += 1
        nodes += len(ring)
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise ValueError(f"it has over {MAX_DEPTH} levels or {MAX_NODES:,} nodes")
        ring = [child for node in ring if isinstance(node, dict) for child in _children(node)]


def _children(node: dict[str, object]) -> list[object]:
    children = node.get("sub_tasks")
    return children if isinstance(children, list) else []


def leaves(rubric: RubricNode, keep: Keep = everything) -> list[Leaf]:
    """The leaves that are kept, in the tree's order."""
    return list(_leaves(rubric, "1", (), keep))


def _leaves(node: RubricNode, key: str, above: tuple[str, ...], keep: Keep) -> Iterator[Leaf]:
    if not node.sub_tasks:
        if keep(node):
            yield Leaf(key, node, above)
        return
    for number, child in enumerate(node.sub_tasks, start=1):
        yield from _leaves(child, f"{key}.{number}", (*above, node.requirements), keep)


def shares(rubric: RubricNode, keep: Keep = everything) -> dict[str, float]:
    """How much of the whole each kept leaf is, by its place: the root's score is Σ(share · grade)."""
    left = set(scores(rubric, {}, keep))
    found: dict[str, float] = {}

    def share(node: RubricNode, key: str, whole: float) -> None:
        children = {f"{key}.{number}": child for number, child in enumerate(node.sub_tasks, start=1)}
        kept = {place: child for place, child in children.items() if place in left}
        total = math.fsum(child.weight for child in kept.values())
        for place, child in kept.items():
            share(child, place, whole * child.weight / total if total else 0.0)
        if not node.sub_tasks:
            found[key] = whole

    if left:
        share(rubric, "1", 1.0)
    return found


def scores(rubric: RubricNode, grades: Mapping[str, float], keep: Keep = everything) -> dict[str, float]:
    """Every kept node's score by its place.  A leaf without a grade counts as 0.

    Leaves that are not kept are pruned, and so are parents that nothing is left of: their weights count for nothing.
    """
    found: dict[str, float] = {}
    _score(rubric, "1", grades, keep, found)
    return found


def _score(
    node: RubricNode, key: str, grades: Mapping[str, float], keep: Keep, found: dict[str, float]
) -> float | None:
    """The node's score; None where it is pruned."""
    if not node.sub_tasks:
        if not keep(node):
            return None
        found[key] = grades.get(key, 0.0)
        return found[key]
    parts: list[tuple[float, float]] = []
    for number, child in enumerate(node.sub_tasks, start=1):
        score = _score(child, f"{key}.{number}", grades, keep, found)
        if score is not None:
            parts.append((score, child.weight))
    if not parts:
        return None
    total = math.fsum(weight for _, weight in parts)
    found[key] = math.fsum(score * weight for score, weight in parts) / total if total else 0.0
    return found[key]
