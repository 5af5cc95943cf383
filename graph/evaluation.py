"""The second graph, on one screen: repositories are judged against their paper.

    START → reading → rubric? → judging? → grading? → reporting → END
                              ↘ comparing ↗

What is asked for decides which judgements there are: `judging` draws samples as the Paper2Code paper does, `grading`
goes through the leaves of a rubric, `comparing` holds two repositories against each other.  A rubric that is not given
is made of the paper.  The judge takes no part in making repositories.
"""

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.evaluation_routes import after_judging, after_reading, after_rubric
from graph.stages import evaluation as stages
from papercoder.tracing.process import server_callbacks
from state.context import Context
from state.evaluation import EvaluationInput, EvaluationState

Evaluation = CompiledStateGraph[EvaluationState, Context, EvaluationInput, EvaluationState]


def evaluation() -> StateGraph[EvaluationState, Context, EvaluationInput, EvaluationState]:
    graph = StateGraph(EvaluationState, Context, input_schema=EvaluationInput)

    graph.add_node("reading", stages.reading)
    graph.add_node("rubric", stages.rubric)
    graph.add_node("judging", stages.judging)
    graph.add_node("grading", stages.grading)
    graph.add_node("comparing", stages.comparing)
    graph.add_node("reporting", stages.reporting)

    graph.add_edge(START, "reading")
    graph.add_conditional_edges("reading", after_reading)
    graph.add_conditional_edges("rubric", after_rubric)
    graph.add_conditional_edges("judging", after_judging)
    graph.add_edge("grading", "reporting")
    graph.add_edge("comparing", "reporting")
    graph.add_edge("reporting", END)
    return graph


def build() -> Evaluation:
    """The graph that `langgraph.json` names; the server brings its own checkpointer and store."""
    return evaluation().compile(name="papercoder-evaluation").with_config(callbacks=server_callbacks())
