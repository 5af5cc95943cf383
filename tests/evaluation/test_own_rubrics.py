"""A paper's requirements as a rubric in PaperBench's format."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papercoder.evaluation.requirements import KINDS, read_any, rubric_of
from papercoder.evaluation.rubric import code_development, leaves, read_rubric, scores
from state.errors import InputError
from state.requirements import KINDS as REQUIREMENT_KINDS
from state.requirements import Kind


@dataclass(frozen=True)
class Requirement:
    """With fields of its own, as the requirements of a run have them."""

    id: str
    kind: str
    what: str
    source: tuple[str, ...] = ("E1",)
    quote: str = ""
    weight: float = 1
    status: str = "specified"


REQUIREMENTS = st.lists(
    st.builds(
        Requirement,
        id=st.sampled_from(["R1", "R2"]),
        kind=st.sampled_from(["method", "data", "experiment", "metric", "licence"]),
        what=st.text(min_size=1, max_size=20).filter(str.strip),
        weight=st.integers(1, 5),
    ),
    min_size=1,
    max_size=20,
)


@given(REQUIREMENTS, st.randoms(use_true_random=False))
def test_a_requirement_counts_by_its_own_weight_whatever_its_kind(requirements: list[Requirement], draw) -> None:
    tree = rubric_of("A paper", requirements)
    found = leaves(tree, code_development)
    grades = {leaf.key: draw.randint(0, 1) for leaf in found}
    weighed = sum(leaf.node.weight * grades[leaf.key] for leaf in found) / sum(leaf.node.weight for leaf in found)
    assert len(found) == len(requirements)
    assert scores(tree, grades)["1"] == pytest.approx(weighed)


@given(REQUIREMENTS)
def test_what_is_written_is_read_back_as_a_rubric(requirements: list[Requirement]) -> None:
    tree = rubric_of("A paper", requirements)
    assert read_rubric(tree.model_dump_json()) == tree


def test_a_leaf_says_what_the_paper_says_and_where() -> None:
    tree = rubric_of("A paper", [Requirement("R7", "data", "Labels are flipped.", ("S2.p1", "T1"), "flipped with 0.2")])
    (leaf,) = leaves(tree)
    assert leaf.node.requirements == "Labels are flipped. [S2.p1, T1] The paper: “flipped with 0.2”"
    assert (leaf.node.id, leaf.node.finegrained_task_category) == ("R7", "Data Processing & Preparation")


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_list_of_requirements_will_do_for_a_rubric(wrapped: bool) -> None:
    listed = [{"what": "Labels are flipped."}, {"id": "X", "kind": "evaluation", "what": "Accuracy.", "weight": 3}]
    text = json.dumps({"requirements": listed} if wrapped else listed)
    assert [leaf.node.id for leaf in leaves(read_any(text, "A paper", "mine.json"))] == ["R1", "X"]


@pytest.mark.parametrize("text", ["[]", '[{"id": "R1"}]', '[{"what": "w", "weight": "much"}]', '[{"what": ""}]', "[1]"])
def test_a_list_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"mine\.json is"):
        read_any(text, "A paper", "mine.json")


@pytest.mark.parametrize("kind", REQUIREMENT_KINDS)
def test_every_kind_of_requirement_has_its_place(kind: Kind) -> None:
    one = Requirement("R1", kind, "it", ("E1",), "", 1)
    (leaf,) = leaves(rubric_of("A paper", [one]))
    assert (kind in KINDS, leaf.node.id) == (True, "R1")
