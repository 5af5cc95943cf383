"""The graph that mends a repository which exists."""

import importlib.util
import json
from itertools import pairwise
from pathlib import Path

from graph.repair import build
from state.context import REPAIR_STAGES
from state.repair import RepairInput

ROOT = Path(__file__).parents[2]


def test_its_stages_follow_each_other() -> None:
    edges = {(edge.source, edge.target) for edge in build().get_graph().edges}
    assert edges == set(pairwise(["__start__", *REPAIR_STAGES, "__end__"]))


def test_x_ray_shows_the_loop_inside_execution() -> None:
    nodes = build().get_graph(xray=True).nodes
    assert {"execution:writing", "execution:critique", "execution:revising"} <= set(nodes)


def test_every_input_has_a_description() -> None:
    fields = build().get_input_jsonschema()["properties"]
    assert set(fields) == set(RepairInput.__annotations__)
    assert [name for name, field in fields.items() if "description" not in field] == []


def test_langgraph_json_names_it() -> None:
    named = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]["papercoder-repair"]
    path, factory = named.split(":")
    spec = importlib.util.spec_from_file_location("served_repair", ROOT / path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert getattr(module, factory)().get_graph().nodes
