"""Where the graph goes next: pure functions of the state."""

from collections.abc import Mapping
from typing import Any, Literal

from state.pipeline import PipelineState, review_of, revision_at_work
from state.review import Gate


def at_start(state: PipelineState) -> Literal["reading", "revision"]:
    return "revision" if (state.get("remark") or "").strip() else "reading"


def after_revision(state: PipelineState) -> Literal["integration", "__end__"]:
    """A remark that changes nothing leaves the repository as it is published."""
    return "integration" if revision_at_work(state) else "__end__"


def after_specification_approval(state: PipelineState) -> Literal["specification", "planning"]:
    return "specification" if _to_revise(state, "specification") else "planning"


def after_planning_approval(state: PipelineState) -> Literal["planning", "architecture"]:
    return "planning" if _to_revise(state, "planning") else "architecture"


def after_architecture_approval(state: PipelineState) -> Literal["architecture", "logic"]:
    return "architecture" if _to_revise(state, "architecture") else "logic"


def after_configuration_approval(state: PipelineState) -> list[Literal["configuration", "testing", "analysis"]]:
    return ["configuration"] if _to_revise(state, "configuration") else ["testing", "analysis"]


def after_critique(state: Mapping[str, Any]) -> Literal["revising", "__end__"]:
    """Of one artifact: revise until its loop says why it ended."""
    return "revising" if state["critique"].ended is None else "__end__"


def _to_revise(state: PipelineState, stage: Gate) -> bool:
    """Findings go back to the author of the artifact."""
    return bool(review_of(state, stage).findings)
