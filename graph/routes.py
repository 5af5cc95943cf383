"""Where the graph goes next: pure functions of the state."""

from collections.abc import Mapping
from typing import Any, Literal

from state.pipeline import PipelineState, review_of
from state.review import Gate


def after_planning_approval(state: PipelineState) -> Literal["planning", "architecture"]:
    return "planning" if _to_revise(state, "planning") else "architecture"


def after_architecture_approval(state: PipelineState) -> Literal["architecture", "logic"]:
    return "architecture" if _to_revise(state, "architecture") else "logic"


def after_configuration_approval(state: PipelineState) -> Literal["configuration", "analysis"]:
    return "configuration" if _to_revise(state, "configuration") else "analysis"


def after_checking(state: Mapping[str, Any]) -> Literal["revising", "__end__"]:
    """Of one file: revise while the best version has findings and rounds are left."""
    return "revising" if state["review"].findings and not state["exhausted"] else "__end__"


def _to_revise(state: PipelineState, stage: Gate) -> bool:
    """Findings go back to the author of the artifact."""
    return bool(review_of(state, stage).findings)
