"""Every stage's complete prompt, as text that people review: tests/snapshots/*.md."""

import importlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents import analyst, architect, coder, configurator, logic_designer, planner
from agents.context import Material
from agents.session import Question
from state.review import Finding, Review

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
RENEW = "UPDATE_SNAPSHOTS=1 pytest tests/prompts/test_prompt_snapshots.py"
RUNTIME: Any = SimpleNamespace()

Stage = Callable[[Material, dict[str, str]], Awaitable[Any]]
STAGES: dict[str, Stage] = {
    "planning": lambda material, code: planner.plan(RUNTIME, material),
    "architecture": lambda material, code: architect.architecture(RUNTIME, material),
    "logic": lambda material, code: logic_designer.logic(RUNTIME, material),
    "configuration": lambda material, code: configurator.configuration(RUNTIME, material),
    "analysis": lambda material, code: analyst.analyse(RUNTIME, material, "src/model.py"),
    "coding": lambda material, code: coder.write(RUNTIME, material, "main.py", code),
    "revision_of_planning": lambda material, code: planner.plan(RUNTIME, reviewed(material)),
    "revision_of_coding": lambda material, code: coder.revise(
        RUNTIME, material, "main.py", code, code["main.py"], FOUND
    ),
    "coding_on_a_base": lambda material, code: coder.write(RUNTIME, on_a_base(material, code), "src/model.py", code),
}


FOUND = Review(
    findings=(
        Finding(location="main", problem="main.py lacks main, which its contract promises.", fix="Define it."),
        Finding(severity="low", problem="The seed {{ is }} not passed on."),
    )
)


def reviewed(material: Material) -> Material:
    return replace(material, reviews={"planning": FOUND})


def on_a_base(material: Material, code: dict[str, str]) -> Material:
    return replace(material, base={"README.md": "# Ours\n", "src/model.py": code["src/model.py"]})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question[Any]]:
    """Questions end here instead of at a model."""
    questions: list[Question[Any]] = []

    async def ask(_: object, question: Question[Any]) -> None:
        questions.append(question)

    for name in ("planner", "architect", "logic_designer", "configurator", "analyst", "coder"):
        monkeypatch.setattr(importlib.import_module(f"agents.{name}"), "ask", ask)
    return questions


@pytest.mark.parametrize("stage", STAGES)
async def test_a_prompt_reads_as_reviewed(
    stage: str, material: Material, code: dict[str, str], asked: list[Question[Any]]
) -> None:
    await STAGES[stage](material, code)
    (question,) = asked
    text = f"<!-- system -->\n{question.system}\n<!-- user: shared beginning -->\n{question.prefix}\n"
    text += f"<!-- user: what is its own -->\n{question.task}"
    snapshot = SNAPSHOTS / f"{stage}.md"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        snapshot.write_text(text, encoding="utf-8")
    assert snapshot.is_file(), f"there is no {snapshot}; make it: {RENEW}"
    reviewed = snapshot.read_text(encoding="utf-8")
    assert text == reviewed, f"the prompt of {stage} has changed; if that is meant, renew its snapshot: {RENEW}"


async def test_all_files_of_a_stage_share_the_beginning_of_their_prompts(
    material: Material, code: dict[str, str], asked: list[Question[Any]]
) -> None:
    for path in code:
        await analyst.analyse(RUNTIME, material, path)
        await coder.write(RUNTIME, material, path, code)
    assert len({(question.system, question.prefix) for question in asked}) == 1
    assert len({question.task for question in asked}) == len(asked)


async def test_a_prompt_is_the_same_every_time(
    material: Material, code: dict[str, str], asked: list[Question[Any]]
) -> None:
    for ask in STAGES.values():
        await ask(material, code)
        await ask(material, dict(reversed(code.items())))
        first, second = asked[-2:]
        assert (first.system, first.prefix, first.task) == (second.system, second.prefix, second.task)
