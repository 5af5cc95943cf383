"""A rubric of our own: a paper's requirements as a tree in PaperBench's format, so that any repository can be graded.

Each kind of requirement is a node whose weight is the sum of its requirements' weights.  So the rubric's score is
Σ(weight · met) / Σ weight over all requirements: a requirement counts by its own weight, whatever its kind.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeGuard

from papercoder.evaluation.rubric import CODE_DEVELOPMENT, RubricNode, read_rubric
from state.errors import InputError


class Required(Protocol):
    """What a requirement has to have to become a leaf."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def source(self) -> Sequence[str]: ...
    @property
    def quote(self) -> str: ...
    @property
    def weight(self) -> float: ...


METHOD = ("The method has been implemented as the paper describes it.", "Method Implementation")
EXPERIMENTS = ("The experiments have been set up as the paper describes them.", "Experimental Setup")
MEASUREMENTS = ("The measurements are computed as the paper defines them.", "Evaluation, Metrics & Benchmarking")
KINDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("method", "equation", "architecture"), METHOD),
    "data": ("The data have been acquired and prepared as the paper describes it.", "Data Processing & Preparation"),
    **dict.fromkeys(("training", "hyperparameter", "baseline"), EXPERIMENTS),
    **dict.fromkeys(("evaluation", "result"), MEASUREMENTS),
}
OTHER = ("What else the paper asks for has been implemented.", "Method Implementation")


def rubric_of(title: str, requirements: Sequence[Required]) -> RubricNode:
    """The tree: the paper, below it one node a kind, below that the requirements.  ValueError where there are none."""
    groups: dict[tuple[str, str], list[Required]] = {}
    for requirement in requirements:
        groups.setdefault(KINDS.get(requirement.kind, OTHER), []).append(requirement)
    nodes = tuple(_group(number, *named, group) for number, (named, group) in enumerate(groups.items(), start=1))
    return RubricNode(id="paper", requirements=f"The paper “{title}” has been implemented.", weight=1, sub_tasks=nodes)


def _group(number: int, words: str, category: str, requirements: Sequence[Required]) -> RubricNode:
    return RubricNode(
        id=f"kind-{number}",
        requirements=words,
        weight=sum(requirement.weight for requirement in requirements),
        sub_tasks=tuple(_leaf(requirement, category) for requirement in requirements),
    )


def _leaf(requirement: Required, category: str) -> RubricNode:
    return RubricNode(
        id=requirement.id,
        requirements=_words(requirement),
        weight=requirement.weight,
        task_category=CODE_DEVELOPMENT,
        finegrained_task_category=category,
    )


def _words(requirement: Required) -> str:
    source = f" [{', '.join(requirement.source)}]" if requirement.source else ""
    quote = f" The paper: “{requirement.quote}”" if requirement.quote else ""
    return f"{requirement.what}{source}{quote}"


@dataclass(frozen=True)
class Listed:
    """A requirement as a leaf needs it."""

    id: str
    kind: str
    what: str
    source: tuple[str, ...]
    quote: str
    weight: float


def _listed(value: dict[str, Any], number: int) -> Listed:
    """A requirement out of a file, whatever else the file says about it."""
    return Listed(
        id=str(value.get("id") or f"R{number}"),
        kind=str(value.get("kind") or ""),
        what=str(value["what"]),
        source=tuple(str(anchor) for anchor in value.get("source") or []),
        quote=str(value.get("quote") or ""),
        weight=float(value.get("weight", 1)),
    )


def read_text(path: Path) -> str:
    """Of a rubric, or a list of requirements.  Raises `InputError`."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The rubric {path} cannot be read: {error}.", "Check the path.") from error


def read_any(text: str, title: str, name: str) -> RubricNode:
    """A rubric in PaperBench's format, or a list of requirements, which becomes one.  Raises `InputError`."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return read_rubric(text, name)  # which says what is wrong
    listed = value.get("requirements") if isinstance(value, dict) else value
    if not _is_list_of_objects(listed):
        return read_rubric(text, name)
    try:
        return rubric_of(title, [_listed(item, number) for number, item in enumerate(listed, start=1)])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{name} is no list of requirements: {type(error).__name__}: {str(error).splitlines()[0]}.",
            'Each needs at least {"what": …}; see docs/evaluation.md',
        ) from error


def _is_list_of_objects(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
