"""Scores of rubrics: PaperBench's rule, on its own rubrics and on trees of every shape."""

import json
import os
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papercoder.evaluation.rubric import (
    MAX_DEPTH,
    RubricNode,
    code_development,
    everything,
    leaves,
    read_rubric,
    scores,
    shares,
)
from state.errors import InputError

Tree = dict[str, Any]
CATEGORIES = ("Code Development", "Code Execution", "Result Analysis")


def rubric(tree: Tree) -> RubricNode:
    return read_rubric(json.dumps(tree))


# --- the rule, written down a second time: exact, and on plain dictionaries that are really cut


def pruned(tree: Tree) -> Tree | None:
    """PaperBench Code-Dev: a new tree without other leaves and without emptied parents."""
    if not tree["sub_tasks"]:
        return tree if tree["task_category"] == "Code Development" else None
    children = [kept for child in tree["sub_tasks"] if (kept := pruned(child))]
    return tree | {"sub_tasks": children} if children else None


def expected(tree: Tree, grades: Iterator[int]) -> Fraction:
    """Σ(score · weight) / Σ weight, leaves in order."""
    if not tree["sub_tasks"]:
        return Fraction(next(grades))
    parts = [(expected(child, grades), Fraction(child["weight"])) for child in tree["sub_tasks"]]
    total = sum(weight for _, weight in parts)
    return sum((score * weight for score, weight in parts), Fraction()) / total if total else Fraction()


def agrees(tree: Tree, draw: random.Random) -> None:
    node = rubric(tree)
    for cut, keep in ((tree, everything), (pruned(tree), code_development)):
        kept = leaves(node, keep)
        grades = [draw.randint(0, 1) for _ in kept]
        found = scores(node, {leaf.key: grade for leaf, grade in zip(kept, grades, strict=True)}, keep)
        if cut is None:
            assert (kept, found) == ([], {})
        else:
            assert found["1"] == pytest.approx(float(expected(cut, iter(grades))), abs=1e-12)


# --- trees


def trees() -> st.SearchStrategy[Tree]:
    """Ids from a handful, so that they repeat; weights with zeros."""
    heads = st.fixed_dictionaries(
        {
            "id": st.sampled_from("abc"),
            "requirements": st.just("something is done"),
            "weight": st.sampled_from([0, 0, 1, 2, 7, 0.5, 100]),
        }
    )
    ends = st.builds(
        lambda head, category: head | {"sub_tasks": [], "task_category": category},
        heads,
        st.sampled_from(CATEGORIES),
    )
    return st.recursive(
        ends,
        lambda inner: st.builds(
            lambda head, children: head | {"sub_tasks": children, "task_category": None},
            heads,
            st.lists(inner, min_size=1, max_size=4),
        ),
        max_leaves=25,
    )


@given(trees(), st.randoms(use_true_random=False))
def test_every_tree_scores_as_paperbench_s_rule_says(tree: Tree, draw: random.Random) -> None:
    agrees(tree, draw)


@given(trees(), st.randoms(use_true_random=False))
def test_a_leaf_s_share_is_what_it_adds_to_the_whole(tree: Tree, draw: random.Random) -> None:
    node = rubric(tree)
    part = shares(node)
    grades = {leaf.key: draw.randint(0, 1) for leaf in leaves(node)}
    assert set(part) == set(grades)
    assert scores(node, grades)["1"] == pytest.approx(sum(part[key] * grade for key, grade in grades.items()))


@given(trees())
def test_scores_stay_between_nothing_and_everything(tree: Tree) -> None:
    node = rubric(tree)
    best = scores(node, {leaf.key: 1 for leaf in leaves(node)})
    assert all(0 <= score <= 1 for score in best.values())
    assert set(scores(node, {}).values()) == {0}


def test_ids_that_repeat_are_told_apart_by_their_place(leaf, branch) -> None:
    node = rubric(branch(leaf("same", 1), branch(leaf("same", 1), name="same", weight=3), name="same"))
    assert [found.key for found in leaves(node)] == ["1.1", "1.2.1"]
    assert scores(node, {"1.1": 1})["1"] == 0.25
    assert scores(node, {"1.2.1": 1})["1"] == 0.75


def test_weights_that_add_up_to_nothing_score_nothing(leaf, branch) -> None:
    node = rubric(branch(branch(leaf("a", 0), leaf("b", 0), weight=1), leaf("c", 1)))
    assert scores(node, {"1.1.1": 1, "1.1.2": 1, "1.2": 1})["1"] == 0.5


def test_a_chain_of_single_children_passes_its_leaf_s_score_up(leaf, branch) -> None:
    tree = leaf()
    for _ in range(MAX_DEPTH - 1):
        tree = branch(tree, weight=3)
    node = rubric(tree)
    (end,) = leaves(node)
    assert len(end.above) == MAX_DEPTH - 1
    assert set(scores(node, {end.key: 1}).values()) == {1}


def test_a_tree_that_is_one_leaf_scores_as_that_leaf(leaf) -> None:
    assert scores(rubric(leaf()), {"1": 1}) == {"1": 1}


def test_three_thousand_leaves_are_counted_exactly(leaf, branch) -> None:
    draw = random.Random(0)
    groups = [
        branch(*(leaf(weight=draw.randint(0, 9)) for _ in range(30)), weight=draw.randint(1, 9)) for _ in range(100)
    ]
    tree = branch(*groups)
    assert len(leaves(rubric(tree))) == 3_000
    agrees(tree, draw)


def test_code_dev_drops_other_leaves_and_emptied_parents(leaf, branch) -> None:
    node = rubric(
        branch(
            branch(leaf("run", 5, "Code Execution"), leaf("see", 5, "Result Analysis"), weight=50),
            branch(leaf("write", 1), leaf("run", 9, "Code Execution"), weight=1),
        )
    )
    assert [found.key for found in leaves(node, code_development)] == ["1.2.1"]
    assert scores(node, {"1.2.1": 1}, code_development) == {"1": 1, "1.2": 1, "1.2.1": 1}


@pytest.mark.parametrize(
    "path", sorted(Path(os.environ.get("PAPERCODER_RUBRICS", "/nowhere")).glob("*.json")), ids=lambda p: p.stem
)
def test_paperbench_s_own_rubrics_score_by_its_rule(path: Path) -> None:
    tree = json.loads(path.read_text(encoding="utf-8"))
    draw = random.Random(path.stem)
    for _ in range(20):
        agrees(tree, draw)
    for only in ("Code Development", "Code Execution"):
        grades = {found.key: float(found.node.task_category == only) for found in leaves(rubric(tree))}
        found = scores(rubric(tree), grades)["1"]
        assert found == pytest.approx(float(expected(tree, iter(int(grade) for grade in grades.values()))))


# --- what is no rubric


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"weight": -1}, "weight: Input should be greater than or equal to 0"),
        ({"weight": float("nan")}, "weight: Input should be a finite number"),
        ({"task_category": None}, "has no task_category"),
        ({"task_category": "Vibes"}, "task_category: Input should be 'Code Development'"),
        ({"requirements": ""}, "requirements"),
        ({"sub_tasks": "none"}, "sub_tasks"),
    ],
)
def test_what_is_no_rubric_is_refused_with_the_place(leaf, branch, change: Tree, reason: str) -> None:
    with pytest.raises(InputError, match="not a rubric") as refused:
        rubric(branch(leaf(), leaf() | change))
    assert "sub_tasks.1" in refused.value.cause
    assert reason in refused.value.cause


def test_a_parent_with_a_category_is_refused(leaf, branch) -> None:
    with pytest.raises(InputError, match="only leaves have one"):
        rubric(branch(leaf()) | {"task_category": "Code Development"})


@pytest.mark.parametrize("text", ["", "[" * 100_000, "[]", "null", "{", '"rubric"', "\ud800"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a rubric"):
        read_rubric(text)


def test_a_tree_too_deep_or_too_large_is_refused_before_it_is_walked(leaf, branch) -> None:
    deep = leaf()
    for _ in range(MAX_DEPTH):
        deep = branch(deep)
    for tree in (deep, branch(*[leaf()] * 50_000)):
        with pytest.raises(InputError, match="levels or"):
            rubric(tree)
