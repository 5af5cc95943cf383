"""Where the graph goes next."""

import pytest

from graph import routes
from state.pipeline import PipelineState
from state.review import Finding, Review

FOUND = Review(round=1, findings=(Finding(problem="too large"),))
GATES = {
    "planning": (routes.after_planning_approval, "architecture"),
    "architecture": (routes.after_architecture_approval, "logic"),
    "configuration": (routes.after_configuration_approval, "analysis"),
}


@pytest.mark.parametrize("stage", GATES)
@pytest.mark.parametrize(
    ("reviews", "back"),
    [
        ({}, False),
        ({"logic": FOUND}, False),
        ({"THIS": Review(round=3)}, False),
        ({"THIS": FOUND}, True),
        ({"THIS": FOUND.model_dump()}, True),  # edited in Studio
        ({"THIS": FOUND.mended()}, False),
    ],
)
def test_findings_go_back_to_the_author_and_nothing_else_does(
    stage: str, reviews: dict[str, Review], back: bool
) -> None:
    route, onward = GATES[stage]
    named = {stage if name == "THIS" else name: review for name, review in reviews.items()}
    assert route(PipelineState(reviews=named)) == (stage if back else onward)


@pytest.mark.parametrize(
    ("review", "exhausted", "to"),
    [
        (Review(), False, "__end__"),
        (Review(), True, "__end__"),
        (FOUND, False, "revising"),
        (FOUND, True, "__end__"),
    ],
)
def test_a_file_is_revised_while_something_is_found_and_rounds_are_left(
    review: Review, exhausted: bool, to: str
) -> None:
    assert routes.after_checking({"review": review, "exhausted": exhausted}) == to
