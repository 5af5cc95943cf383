"""What an evaluation takes, told before it begins."""

import json
from pathlib import Path

import pytest

from agents.judge.estimate import UNKNOWN_LEAVES, takes
from state.context import Context
from state.evaluation import EvaluationRequest


@pytest.fixture
def folder(tmp_path: Path, leaf, branch) -> Path:
    for name in ("code", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.py").write_text("class Model:\n    pass\n" * 200)
    tree = branch(leaf("a"), leaf("b"), leaf("c", 1, "Code Execution"))
    (tmp_path / "rubric.json").write_text(json.dumps(tree))
    return tmp_path


def counted(folder: Path, paper, *names: str, model: str = "openai:o3-mini", **asked: object):
    folders = [str(folder / name) for name in names]
    return takes(paper, Context(model=model), EvaluationRequest.model_validate({"repositories": folders, **asked}))


def test_calls_are_counted_as_they_will_be_made(folder: Path, paper) -> None:
    rubric = str(folder / "rubric.json")
    assert counted(folder, paper, "code", samples=5).calls == 5
    assert counted(folder, paper, "code", rubric=rubric).calls == 2  # nobody has run it
    assert counted(folder, paper, "code", protocols=["rubric"]).calls == 2 + UNKNOWN_LEAVES  # one part, and the whole
    assert counted(folder, paper, "code", "other", samples=3).calls == 6


def test_the_price_lies_between_a_full_cache_and_none(folder: Path, paper) -> None:
    found = counted(folder, paper, "code")
    assert found.dollars
    least, most = found.dollars
    assert 0 < least < most
    assert counted(folder, paper, "code", model="openai:nobody-knows-it").dollars is None
