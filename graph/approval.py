"""Gates: an artifact waits for a person, who accepts it, edits it, or says what shall be different.

No model is called here, so that nothing is asked twice when the node runs again with the person's answer.
"""

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from graph.material import typed
from state.architecture import Architecture
from state.configuration import Configuration
from state.context import Context
from state.paths import check_beside
from state.pipeline import PipelineState, review_of
from state.plan import Plan
from state.requirements import Specification
from state.review import Answer, ApprovalRequest, Finding, Gate, Question, Review, in_short, understood

Changes = dict[str, Any]
Artifacts = Specification | Plan | Architecture | Configuration


async def specification_approval(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Wait for a person's word on the requirements, if `approve` names specification."""
    found = typed(Specification, state.get("specification"))
    return _approve("specification", "specification", found, state, runtime)


async def planning_approval(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Wait for a person's word on the plan, if `approve` names planning."""
    return _approve("planning", "plan", typed(Plan, state.get("plan")), state, runtime)


async def architecture_approval(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Wait for a person's word on files and contracts, if `approve` names architecture."""
    design = typed(Architecture, state.get("architecture"))
    return _approve("architecture", "architecture", design, state, runtime)


async def configuration_approval(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Wait for a person's word on config.yaml, if `approve` names configuration."""
    settings = typed(Configuration, state.get("configuration"))
    return _approve("configuration", "configuration", settings, state, runtime)


def _approve(
    stage: Gate, channel: str, artifact: Artifacts | None, state: PipelineState, runtime: Runtime[Context]
) -> Changes:
    if stage not in runtime.context.approve:
        return {}
    assert artifact
    problem = ""
    while True:
        answer = interrupt(_request(stage, artifact, problem))
        try:
            return _applied(understood(answer), stage, channel, type(artifact), state)
        except ValueError as error:  # shown to the person, who is asked again
            problem = in_short(error)


def _request(stage: Gate, artifact: Artifacts, problem: str) -> dict[str, Any]:
    questions = [Question(**choice.model_dump(include=set(Question.model_fields))) for choice in artifact.open_choices]
    request = ApprovalRequest(
        stage=stage, questions=questions, artifact=artifact.model_dump(mode="json"), problem=problem
    )
    return request.model_dump(mode="json")


def _applied(answer: Answer, stage: Gate, channel: str, form: type[Artifacts], state: PipelineState) -> Changes:
    if answer.decision == "accept":
        return {}
    if answer.decision == "edit":
        edited = form.model_validate(answer.artifact)
        if isinstance(edited, Architecture):
            check_beside(edited.paths, state.get("base_files", {}))
        return {channel: edited}
    review = review_of(state, stage)
    return {"reviews": {stage: Review(round=review.round + 1, findings=(Finding(problem=answer.words),))}}
