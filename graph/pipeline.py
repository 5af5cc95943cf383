"""The whole topology, on one screen.

    START → reading → planning → architecture → logic → configuration → analysis → coding → publication → END

Analysis works on all files side by side; coding writes each file as soon as the files it depends on are written.
"""

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph import stages
from papercoder.tracing.process import server_callbacks
from state.context import Context
from state.pipeline import PipelineInput, PipelineState

Pipeline = CompiledStateGraph[PipelineState, Context, PipelineInput, PipelineState]


def pipeline() -> StateGraph[PipelineState, Context, PipelineInput, PipelineState]:
    graph = StateGraph(PipelineState, Context, input_schema=PipelineInput)

    graph.add_node("reading", stages.reading)
    graph.add_node("planning", stages.planning)
    graph.add_node("architecture", stages.architecture)
    graph.add_node("logic", stages.logic)
    graph.add_node("configuration", stages.configuration)
    graph.add_node("analysis", stages.analysis)
    graph.add_node("coding", stages.coding)
    graph.add_node("publication", stages.publication)

    graph.add_edge(START, "reading")
    graph.add_edge("reading", "planning")
    graph.add_edge("planning", "architecture")
    graph.add_edge("architecture", "logic")
    graph.add_edge("logic", "configuration")
    graph.add_edge("configuration", "analysis")
    graph.add_edge("analysis", "coding")
    graph.add_edge("coding", "publication")
    graph.add_edge("publication", END)
    return graph


def build() -> Pipeline:
    """The graph that `langgraph.json` names; the server brings its own checkpointer and store."""
    return pipeline().compile(name="papercoder").with_config(callbacks=server_callbacks())
