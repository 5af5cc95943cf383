"""The graph that Studio draws, `papercoder graph` prints and `langgraph.json` names."""

import importlib.util
import json
from itertools import pairwise
from pathlib import Path

import pytest

from graph import approval
from graph.pipeline import build, last_node, stage_of
from graph.stages import design, files, publication, reading, repository
from state.context import CRITICISED, STAGES, Context
from state.pipeline import PipelineInput
from state.review import GATES

ROOT = Path(__file__).parents[2]


def test_the_stages_follow_each_other_in_the_order_of_the_documentation() -> None:
    edges = {(stage_of(edge.source), stage_of(edge.target)) for edge in build().get_graph().edges}
    one_by_one = set(pairwise(["__start__", *STAGES, "__end__"]))
    side_by_side = {("configuration", "analysis"), ("testing", "coding")}
    afterwards = {("__start__", "revision"), ("revision", "integration"), ("revision", "__end__")}
    assert {(a, b) for a, b in edges if a != b} == one_by_one - {("testing", "analysis")} | side_by_side | afterwards


def test_each_gate_leads_back_to_its_stage_or_on() -> None:
    edges = {(edge.source, edge.target, edge.conditional) for edge in build().get_graph().edges}
    for stage in GATES:
        gate = last_node(stage)
        assert (stage, gate, False) in edges
        assert (gate, stage, True) in edges
    decides = {source for source, _, conditional in edges if conditional}
    assert {source for source in decides if not source.endswith("_approval")} == {"__start__", "revision"}


LOOPS = [*CRITICISED[:4], "testing", "coding", "revision", "integration", "execution", "assessment", "walkthrough"]


@pytest.mark.parametrize("stage", LOOPS)
def test_x_ray_shows_the_loop_inside_each_stage_that_has_one(stage: str) -> None:
    graph = build().get_graph(xray=True)
    assert {f"{stage}:writing", f"{stage}:critique", f"{stage}:revising"} <= set(graph.nodes)
    edges = {(edge.source, edge.target) for edge in graph.edges}
    assert {(f"{stage}:critique", f"{stage}:revising"), (f"{stage}:revising", f"{stage}:critique")} <= edges


def test_every_node_says_what_it_does() -> None:
    described = {
        name: node.__doc__
        for module in (approval, design, files, publication, reading, repository)
        for name, node in vars(module).items()
    }
    for name in set(build().get_graph().nodes) - {"__start__", "__end__"}:
        assert described.get(name), f"the node {name} has no description"


def test_every_setting_has_a_description_for_studio_s_form() -> None:
    fields = Context.model_json_schema()["properties"]
    assert [name for name, field in fields.items() if "description" not in field] == []


def test_every_input_has_a_description_and_the_form_a_worked_example() -> None:
    form = build().get_input_jsonschema()
    fields = form["properties"]
    assert set(fields) == set(PipelineInput.__annotations__)
    assert [name for name, field in fields.items() if "description" not in field] == []
    assert fields["text"]["examples"]


def test_langgraph_json_names_a_graph_that_loads_without_a_key() -> None:
    named = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]["papercoder"]
    path, factory = named.split(":")
    spec = importlib.util.spec_from_file_location("served", ROOT / path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert set(getattr(module, factory)().get_graph().nodes) >= {"__start__", *STAGES, "__end__"}
