"""Malformed answers: each differs from the good one, and is as wrong as it says."""

import ast
import json
import re

import pytest
from pydantic import ValidationError

from benchmarks.simulator.answers import AnswerBook
from benchmarks.simulator.malform import HOSTILE_PATHS, VARIANTS, apply
from state.architecture import Architecture
from state.artifacts import Artifact
from state.configuration import Configuration
from state.logic import LogicDesign
from state.plan import Plan

BOOK = AnswerBook(10)
EXAMPLE = {
    "any": BOOK.answer("planning"),
    "json": BOOK.answer("planning"),
    "files": BOOK.answer("architecture"),
    "tasks": BOOK.answer("logic"),
    "values": BOOK.answer("configuration"),
    "code": BOOK.answer("coding", "model.py"),
}
ARTIFACTS: dict[str, type[Artifact]] = {
    "any": Plan,
    "json": Plan,
    "files": Architecture,
    "tasks": LogicDesign,
    "values": Configuration,
}
AGREE_WITH_THE_SCHEMA_ALONE = {"task_omitted", "task_invented"}


@pytest.mark.parametrize("name", sorted(VARIANTS.keys() - {"ok"}))
def test_every_variant_changes_the_answer(name: str) -> None:
    good = EXAMPLE[VARIANTS[name].kind]
    assert apply(name, good) != good


def read(text: str) -> str:
    """The first fenced block of JSON, as a simple reader takes it."""
    match = re.search(r"```json\n(.*?)\n```", text.replace("\r", ""), re.DOTALL)
    return match[1] if match else text


def names(kind: str, *, whole: bool) -> list[str]:
    return sorted(name for name, variant in VARIANTS.items() if variant.kind == kind and variant.whole == whole)


@pytest.mark.parametrize("kind", ["json", "files", "tasks", "values"])
def test_what_is_not_whole_is_not_valid(kind: str) -> None:
    for name in set(names(kind, whole=False)) - AGREE_WITH_THE_SCHEMA_ALONE:
        with pytest.raises(ValidationError):
            ARTIFACTS[kind].model_validate_json(read(apply(name, EXAMPLE[kind])))


@pytest.mark.parametrize("name", names("json", whole=True))
def test_what_is_whole_still_carries_the_answer(name: str) -> None:
    plan = Plan.model_validate_json(read(EXAMPLE["json"]))
    text = apply(name, EXAMPLE["json"])
    assert all(json.dumps(item.what) in text for item in plan.method)


def test_every_kind_of_answer_can_go_wrong() -> None:
    assert len(names("json", whole=False)) > 10
    assert len(names("files", whole=False)) > 10
    assert len(names("tasks", whole=False)) > 8
    assert len(names("code", whole=False)) > 6


@pytest.mark.parametrize("name", HOSTILE_PATHS)
def test_a_hostile_path_is_in_the_file_list(name: str) -> None:
    listed = json.loads(read(apply(name, EXAMPLE["files"])))["files"]
    assert listed[-1]["path"] == HOSTILE_PATHS[name]
    assert len(listed) == 11


@pytest.mark.parametrize("name", names("code", whole=True))
def test_whole_code_is_still_there(name: str) -> None:
    good = EXAMPLE["code"].split("```python\n")[1].removesuffix("```\n")
    assert good in apply(name, EXAMPLE["code"])
    assert ast.parse(good)


def test_a_syntax_error_is_one() -> None:
    with pytest.raises(SyntaxError):
        ast.parse(apply("code_syntax_error", EXAMPLE["code"]).split("```python\n")[1].removesuffix("```\n"))


def test_truncate_keeps_a_fraction() -> None:
    assert apply("truncate", "0123456789", 0.3) == "012"


@pytest.mark.parametrize(("name", "kind"), [("files_missing", "tasks"), ("code_wrong_path", "json"), ("cycle", "code")])
def test_a_variant_refuses_other_answers(name: str, kind: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        apply(name, EXAMPLE[kind])
