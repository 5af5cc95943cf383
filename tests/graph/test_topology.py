"""The graph that Studio draws, `papercoder graph` prints and `langgraph.json` names."""

import importlib.util
import json
from itertools import pairwise
from pathlib import Path

from graph import stages
from graph.pipeline import build
from state.context import STAGES, Context

ROOT = Path(__file__).parents[2]


def test_the_stages_follow_each_other_in_the_order_of_the_documentation() -> None:
    drawn = build().get_graph()
    order = ["__start__", *STAGES, "__end__"]
    assert {(edge.source, edge.target) for edge in drawn.edges} == set(pairwise(order))
    assert not any(edge.conditional for edge in drawn.edges)


def test_every_node_says_what_it_does() -> None:
    for name in STAGES:
        assert getattr(stages, name).__doc__, f"the node {name} has no description"


def test_every_setting_has_a_description_for_studio_s_form() -> None:
    fields = Context.model_json_schema()["properties"]
    assert [name for name, field in fields.items() if "description" not in field and name != "budget"] == []


def test_langgraph_json_names_a_graph_that_loads_without_a_key() -> None:
    named = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]["papercoder"]
    path, factory = named.split(":")
    spec = importlib.util.spec_from_file_location("served", ROOT / path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert set(getattr(module, factory)().get_graph().nodes) == {"__start__", *STAGES, "__end__"}
