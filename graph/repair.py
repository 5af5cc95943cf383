"""The third graph: a repository that exists is run, and mended until it runs.

    START → reading → execution → publication → END

Its loop is the one of the pipeline's stage of that name, on the files as they are; the edits go back into the folder.
"""

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.stages import repair as stages
from papercoder.tracing.process import server_callbacks
from state.context import Context
from state.repair import RepairInput, RepairState

Repair = CompiledStateGraph[RepairState, Context, RepairInput, RepairState]


def repair() -> StateGraph[RepairState, Context, RepairInput, RepairState]:
    graph = StateGraph(RepairState, Context, input_schema=RepairInput)
    graph.add_node("reading", stages.reading)
    graph.add_node("execution", stages.execution)
    graph.add_node("publication", stages.publication)
    graph.add_edge(START, "reading")
    graph.add_edge("reading", "execution")
    graph.add_edge("execution", "publication")
    graph.add_edge("publication", END)
    return graph


def build() -> Repair:
    """The graph that `langgraph.json` names; the server brings its own checkpointer and store."""
    return repair().compile(name="papercoder-repair").with_config(callbacks=server_callbacks())
