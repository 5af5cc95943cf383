"""The whole topology, on one screen.

    START → reading → specification ⇄ approval → planning ⇄ approval → architecture ⇄ approval → logic
          → configuration ⇄ approval → testing ┬→ coding → integration → execution → assessment → walkthrough
                                     → analysis ┘                                → publication → END

    START → revision → integration, of a finished run, where its user says what shall be different; → END, if nothing is

A gate lets its stage's artifact pass unless the run's settings ask for a person's approval; then the person accepts
it, edits it, or sends it back with words.

Inside planning, architecture, logic, configuration and coding a critic and the author refine each artifact; inside
integration, execution and assessment the code as a whole is held against checks, run, and held against requirements,
and mended (`refinement.py`); inside walkthrough the checks of a notebook are run, and mended.  It is passed unless
the settings ask for it.

Testing and analysis go on side by side, on all files.  Coding begins after both and writes each file as soon as the
files it depends on are written; it never sees the tests, and they were written without it.
"""

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph import approval, routes
from graph.stages import design, files, publication, reading, repository
from papercoder.tracing.process import server_callbacks
from state.context import Context, Stage
from state.pipeline import PipelineInput, PipelineState
from state.review import GATES

APPROVAL = "_approval"

Pipeline = CompiledStateGraph[PipelineState, Context, PipelineInput, PipelineState]


def pipeline() -> StateGraph[PipelineState, Context, PipelineInput, PipelineState]:
    graph = StateGraph(PipelineState, Context, input_schema=PipelineInput)

    graph.add_node("reading", reading.reading)
    graph.add_node("specification", design.specification)
    graph.add_node("specification_approval", approval.specification_approval)
    graph.add_node("planning", design.planning)
    graph.add_node("planning_approval", approval.planning_approval)
    graph.add_node("architecture", design.architecture)
    graph.add_node("architecture_approval", approval.architecture_approval)
    graph.add_node("logic", design.logic)
    graph.add_node("configuration", design.configuration)
    graph.add_node("configuration_approval", approval.configuration_approval)
    graph.add_node("testing", files.testing)
    graph.add_node("analysis", files.analysis)
    graph.add_node("coding", files.coding)
    graph.add_node("revision", repository.revision)
    graph.add_node("integration", repository.integration)
    graph.add_node("execution", repository.execution)
    graph.add_node("assessment", repository.assessment)
    graph.add_node("walkthrough", repository.walkthrough)
    graph.add_node("publication", publication.publication)

    graph.add_conditional_edges(START, routes.at_start)
    graph.add_conditional_edges("revision", routes.after_revision)
    graph.add_edge("reading", "specification")
    graph.add_edge("specification", "specification_approval")
    graph.add_conditional_edges("specification_approval", routes.after_specification_approval)
    graph.add_edge("planning", "planning_approval")
    graph.add_conditional_edges("planning_approval", routes.after_planning_approval)
    graph.add_edge("architecture", "architecture_approval")
    graph.add_conditional_edges("architecture_approval", routes.after_architecture_approval)
    graph.add_edge("logic", "configuration")
    graph.add_edge("configuration", "configuration_approval")
    graph.add_conditional_edges(
        "configuration_approval", routes.after_configuration_approval, ["configuration", "testing", "analysis"]
    )
    graph.add_edge("testing", "coding")
    graph.add_edge("analysis", "coding")
    graph.add_edge("coding", "integration")
    graph.add_edge("integration", "execution")
    graph.add_edge("execution", "assessment")
    graph.add_edge("assessment", "walkthrough")
    graph.add_edge("walkthrough", "publication")
    graph.add_edge("publication", END)
    return graph


def build() -> Pipeline:
    """The graph that `langgraph.json` names; the server brings its own checkpointer and store."""
    return pipeline().compile(name="papercoder").with_config(callbacks=server_callbacks())


def last_node(stage: Stage) -> str:
    """The node after which a stage is over: its gate, where it has one."""
    return f"{stage}{APPROVAL}" if stage in GATES else stage


def stage_of(node: str) -> str:
    """The stage that a node belongs to."""
    return node.removesuffix(APPROVAL)
