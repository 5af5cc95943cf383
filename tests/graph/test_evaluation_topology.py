"""The graph of evaluations: its stages, and which of them an evaluation goes through."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from graph.evaluation import build
from graph.evaluation_routes import after_judging, after_reading, after_rubric
from graph.stages import evaluation as stages
from state.context import EVALUATION_STAGES
from state.evaluation import PROTOCOLS, EvaluationInput, EvaluationRequest

ROOT = Path(__file__).parents[2]


def asked(*repositories: str, **more: Any) -> dict[str, Any]:
    return {"request": EvaluationRequest(repositories=list(repositories or ["code"]), **more)}


def way(state: dict[str, Any]) -> list[str]:
    """The stages between reading and the report."""
    passed = [str(after_reading(state))]
    while passed[-1] not in ("grading", "comparing", "reporting"):
        passed.append(str(after_rubric(state) if passed[-1] == "rubric" else after_judging(state)))
    return passed[:-1] if passed[-1] == "reporting" else passed


@pytest.mark.parametrize(
    ("state", "stages"),
    [
        (asked(), ["judging"]),
        (asked(gold="gold"), ["judging"]),
        (asked(rubric="r.json"), ["grading"]),
        (asked(gold="gold", rubric="r.json"), ["judging", "grading"]),
        (asked(protocols=["rubric"]), ["rubric", "grading"]),
        (asked(protocols=["reference-free", "rubric"]), ["rubric", "judging", "grading"]),
        (asked("a", "b"), ["comparing"]),
        (asked("a", "b", rubric="r.json"), ["comparing"]),
        ({"request": {"repositories": ["code"]}}, ["judging"]),
    ],
)
def test_what_is_asked_for_decides_the_way(state: dict[str, Any], stages: list[str]) -> None:
    assert way(state) == stages


@pytest.mark.parametrize(
    "wrong",
    [
        {"repositories": []},
        {"repositories": ["a", "b", "c"]},
        {"repositories": ["a"], "protocols": ["comparison"]},
        {"repositories": ["a"], "protocols": ["reference-based"]},
        {"repositories": ["a", "b"], "protocols": ["comparison", "rubric"]},
        {"repositories": ["a", "b"], "protocols": ["rubric"]},
        {"repositories": ["a"], "samples": 0},
        {"repositories": ["a"], "scale": 10},
    ],
)
def test_what_cannot_be_done_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EvaluationRequest.model_validate(wrong)


def test_protocols_are_gone_through_in_one_order() -> None:
    request = EvaluationRequest(repositories=["a"], gold="g", protocols=list(PROTOCOLS[2::-1]))
    assert request.chosen == ("reference-free", "reference-based", "rubric")


def test_the_graph_has_the_stages_that_the_documentation_names() -> None:
    assert set(build().get_graph().nodes) == {"__start__", *EVALUATION_STAGES, "__end__"}


def test_every_node_says_what_it_does() -> None:
    assert all(getattr(stages, name).__doc__ for name in EVALUATION_STAGES)


def test_every_input_has_a_description_for_studio_s_form() -> None:
    fields = build().get_input_jsonschema()["properties"]
    assert set(fields) == set(EvaluationInput.__annotations__)
    assert [name for name, field in fields.items() if "description" not in field] == []


def test_langgraph_json_names_a_graph_that_loads_without_a_key() -> None:
    named = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]["papercoder-evaluation"]
    path, factory = named.split(":")
    spec = importlib.util.spec_from_file_location("served_evaluation", ROOT / path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert set(EVALUATION_STAGES) < set(getattr(module, factory)().get_graph().nodes)
