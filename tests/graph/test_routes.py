"""Where the graph goes next."""

import pytest

from graph import routes
from state.body import Body
from state.critique import Critique, Ending
from state.pipeline import PipelineState
from state.published import Published
from state.review import Finding, Review
from state.revision import Revision

FOUND = Review(round=1, findings=(Finding(problem="too large"),))
GATES = {
    "specification": (routes.after_specification_approval, "planning"),
    "planning": (routes.after_planning_approval, "architecture"),
    "architecture": (routes.after_architecture_approval, "logic"),
    "configuration": (routes.after_configuration_approval, ["testing", "analysis"]),
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
    assert route(PipelineState(reviews=named)) in ((stage, [stage]) if back else (onward,))


@pytest.mark.parametrize(
    ("ended", "to"),
    [(None, "revising"), ("nothing to mend", "__end__"), ("no rounds left", "__end__"), ("no better", "__end__")],
)
def test_an_artifact_is_revised_until_its_loop_says_why_it_ended(ended: Ending | None, to: str) -> None:
    assert routes.after_critique({"critique": Critique(ended=ended)}) == to


DONE = Revision(remark="x", before=Body(sha256="0", characters=0), published=True)
AT_WORK = DONE.model_copy(update={"published": False})
REFUSED = Revision(remark="x", answer="Say what.", published=True)


@pytest.mark.parametrize(
    ("state", "to"),
    [
        ({}, "reading"),
        ({"source": "paper.tex", "remark": ""}, "reading"),
        ({"remark": " \n"}, "reading"),
        ({"remark": "shorter"}, "revision"),  # which says so, if nothing is finished
        ({"remark": "shorter", "published": Published(folder="f", files=1)}, "revision"),
    ],
)
def test_a_remark_leads_to_revision_and_anything_else_to_the_paper(state: dict[str, object], to: str) -> None:
    assert routes.at_start(PipelineState(**state)) == to  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("revisions", "to"),
    [
        ([AT_WORK], "integration"),
        ([DONE, AT_WORK.model_dump()], "integration"),
        ([REFUSED], "__end__"),
        ([DONE, REFUSED], "__end__"),
    ],
)
def test_a_remark_that_changes_nothing_ends_the_run_as_it_was(revisions: list[Revision], to: str) -> None:
    assert routes.after_revision(PipelineState(revisions=revisions)) == to
