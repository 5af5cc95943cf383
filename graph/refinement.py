"""The loop in which an artifact is written, reviewed, and revised while the review finds something to mend.

    START → writing → critique → END
     findings, rounds left ↓ ↑
                         revising

Studio shows it inside the nodes that use it.  It keeps no checkpoints: every call in it is in the journal, so that a
run which was killed goes this way again and pays nothing.  The best version is kept, not the last one.
"""

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from agents.events import emit_event
from graph import routes
from state.context import Context
from state.critique import Critique, Version
from state.errors import AnswerUnusable
from state.events import Reviewed, Warned

T = TypeVar("T")
Changes = dict[str, Any]


class Refined(Protocol[T]):
    """What is refined, and who does it.  Versions are counted from 0."""

    @property
    def run(self) -> Runtime[Context]: ...
    @property
    def rounds(self) -> int: ...
    @property
    def subject(self) -> tuple[str, str]: ...
    async def write(self) -> T: ...
    async def review(self, artifact: T, before: Critique) -> Version: ...
    async def revise(self, artifact: T, version: Version, number: int) -> T: ...


@dataclass(frozen=True)
class Loop(Generic[T]):
    """What the nodes need beside their state."""

    work: Refined[T]


class RefinementState(TypedDict, total=False):
    """`artifact` was written last, `best` is what is kept."""

    artifact: Any
    best: Any
    critique: Critique


async def writing(state: RefinementState, runtime: Runtime[Loop[Any]]) -> Changes:
    """Write the first version."""
    return {"artifact": await runtime.context.work.write()}


async def critique(state: RefinementState, runtime: Runtime[Loop[Any]]) -> Changes:
    """Review the version that was written last; keep it if none before it was better.  Nobody reviews one twice."""
    work = runtime.context.work
    before = state.get("critique", Critique())
    is_new = not before.versions or state["artifact"] != state["best"]
    version = await work.review(state["artifact"], before) if is_new else before.kept
    after = before.with_version(version, work.rounds)
    stage, file = work.subject
    emit_event(work.run.stream_writer, Reviewed.of(stage, file, after))
    return {"critique": after, **({"best": state["artifact"]} if after.keeps_last else {})}


async def revising(state: RefinementState, runtime: Runtime[Loop[Any]]) -> Changes:
    """Send the best version back to its author with the findings.  Without a usable answer it stays as it is."""
    work, after = runtime.context.work, state["critique"]
    try:
        return {"artifact": await work.revise(state["best"], after.kept, len(after.versions))}
    except AnswerUnusable as error:
        emit_event(work.run.stream_writer, Warned(text=error.cause))
        return {"artifact": state["best"]}


def _graph() -> StateGraph[RefinementState, Loop[Any], RefinementState, RefinementState]:
    graph = StateGraph(RefinementState, Loop)
    graph.add_node("writing", writing)
    graph.add_node("critique", critique)
    graph.add_node("revising", revising)
    graph.add_edge(START, "writing")
    graph.add_edge("writing", "critique")
    graph.add_conditional_edges("critique", routes.after_critique)
    graph.add_edge("revising", "critique")
    return graph


REFINEMENT = _graph().compile(name="refinement")


async def refined(graph: Any, work: Refined[T]) -> tuple[T, Critique]:
    """The best version, and how it came about."""
    unkept = graph.copy(update={"checkpointer": False})
    name = " of ".join(part for part in work.subject if part)
    state = await unkept.ainvoke({}, {"run_name": name, "recursion_limit": 100}, context=Loop(work))
    return state["best"], state["critique"]
