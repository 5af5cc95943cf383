"""The grades of a rubric's leaves made into scores: of the whole, of each category, of every node."""

from collections.abc import Callable, Mapping, Sequence

from papercoder.evaluation.rubric import Keep, Leaf, RubricNode, leaves, scores
from papercoder.evaluation.scoring import Invalid, Result
from state.judgements import Grade

Name = Callable[[RubricNode], str]
"""What a leaf is counted under."""


class GradedLeaf(Result):
    """`score` is 1 or 0; 0 without a grade, too."""

    key: str
    id: str
    requirements: str
    category: str
    finegrained: str
    score: int
    grade: Grade | None = None
    note: str = ""  # why it counts as 0 without a judge's word


class CategoryScore(Result):
    """The score of the tree with this category's leaves alone."""

    category: str
    leaves: int
    met: int  # leaves that are met
    score: float


class RubricResult(Result):
    mode: str  # what was graded: the whole rubric, or its Code-Dev part
    score: float
    leaves: tuple[GradedLeaf, ...]
    nodes: dict[str, float]  # every node's score, by its place in the tree
    categories: tuple[CategoryScore, ...]
    finegrained: tuple[CategoryScore, ...]
    invalid: tuple[Invalid, ...]
    left_out: tuple[str, ...] = ()


def graded(
    rubric: RubricNode, keep: Keep, mode: str, found: Sequence[GradedLeaf], invalid: Sequence[Invalid],
    left_out: Sequence[str],
) -> RubricResult:  # fmt: skip
    """The arithmetic of PaperBench over the leaves' scores."""
    grades = {leaf.key: float(leaf.score) for leaf in found}
    nodes = scores(rubric, grades, keep)
    kept = leaves(rubric, keep)
    return RubricResult(
        mode=mode,
        score=nodes["1"],
        leaves=tuple(found),
        nodes=nodes,
        categories=_by(rubric, kept, grades, keep, lambda node: node.task_category or ""),
        finegrained=_by(rubric, kept, grades, keep, lambda node: node.finegrained_task_category or ""),
        invalid=tuple(invalid),
        left_out=tuple(left_out),
    )


def _by(
    rubric: RubricNode, kept: Sequence[Leaf], grades: Mapping[str, float], keep: Keep, name: Name
) -> tuple[CategoryScore, ...]:
    rows = []
    for category in dict.fromkeys(name(leaf.node) for leaf in kept):
        own = [leaf.key for leaf in kept if name(leaf.node) == category]
        found = scores(rubric, grades, _only(keep, name, category))
        met = sum(grades.get(key) == 1 for key in own)
        rows.append(CategoryScore(category=category, leaves=len(own), met=met, score=found["1"]))
    return tuple(rows)


def _only(keep: Keep, name: Name, category: str) -> Keep:
    return lambda leaf: keep(leaf) and name(leaf) == category
