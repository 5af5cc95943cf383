"""One file's way through coding: written, checked, and revised while a check finds something to mend.

    START → writing → checking → END
               findings, rounds left ↓ ↑
                                revising

Studio shows it inside `coding`.  It keeps no checkpoints: every call in it is in the journal, so that a run which was
killed goes this way again and pays nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from agents import coder
from agents.context import Material
from agents.session import emit_event
from graph import routes
from papercoder.checks import check_file
from state.context import Context
from state.events import Warned
from state.review import Finding, Review

Changes = dict[str, Any]


class FileState(TypedDict, total=False):
    """`content` was written last; `best` is the version with the fewest findings so far."""

    path: str
    content: str
    best: str
    review: Review  # of `best`
    exhausted: bool  # no rounds are left, or a revision was no better


@dataclass(frozen=True)
class FileWork:
    """What the nodes need beside their state."""

    run: Runtime[Context]
    material: Material
    imported: Mapping[str, str]  # the files that this one depends on, directly or not


async def writing(state: FileState, runtime: Runtime[FileWork]) -> Changes:
    """Write the file, with the code of the files it depends on in view."""
    work = runtime.context
    return {"content": await coder.write(work.run, work.material, state["path"], work.imported)}


async def checking(state: FileState, runtime: Runtime[FileWork]) -> Changes:
    """Hold the file against the design and the files it imports; keep it if no version before it was better."""
    work = runtime.context
    findings = to_mend(state["path"], state["content"], work.material, work.imported)
    before = state.get("review")
    if before and len(findings) >= len(before.findings):
        return {"exhausted": True}
    round = before.round + 1 if before else 0
    return {
        "best": state["content"],
        "review": Review(round=round, findings=findings),
        "exhausted": round >= work.run.context.rounds,
    }


async def revising(state: FileState, runtime: Runtime[FileWork]) -> Changes:
    """Send the file back to its author with the findings."""
    work = runtime.context
    return {
        "content": await coder.revise(
            work.run, work.material, state["path"], work.imported, state["best"], state["review"]
        )
    }


def to_mend(path: str, content: str, material: Material, imported: Mapping[str, str]) -> tuple[Finding, ...]:
    """What a check finds in the file by itself; notes are not worth a revision."""
    found = check_file(path, content, material.design, imported, types=False)
    return tuple(finding for finding in found if finding.severity != "low")


def _graph() -> StateGraph[FileState, FileWork, FileState, FileState]:
    graph = StateGraph(FileState, FileWork)
    graph.add_node("writing", writing)
    graph.add_node("checking", checking)
    graph.add_node("revising", revising)
    graph.add_edge(START, "writing")
    graph.add_edge("writing", "checking")
    graph.add_conditional_edges("checking", routes.after_checking)
    graph.add_edge("revising", "checking")
    return graph


FILE = _graph().compile(name="file")


async def coded(graph: Any, work: FileWork, path: str) -> str:
    """The best version of the file; findings that are still open are told."""
    unkept = graph.copy(update={"checkpointer": False})
    state = await unkept.ainvoke({"path": path}, {"run_name": f"file {path}"}, context=work)
    for finding in state["review"].findings:
        emit_event(
            work.run.stream_writer, Warned(text=f"coding of {path}: accepted in spite of this: {finding.problem}")
        )
    content: str = state["best"]
    return content
