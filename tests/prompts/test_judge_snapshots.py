"""The judge's complete prompts, as text that people review: tests/snapshots/*.md."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.context import Material
from agents.judge import leaves, pairs, samples
from agents.judge.bench import Bench
from agents.question import Question
from papercoder.evaluation.pairs import CRITERIA
from papercoder.evaluation.rubric import Leaf, RubricNode

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
RENEW = "UPDATE_SNAPSHOTS=1 pytest tests/prompts/test_judge_snapshots.py"
FILES = {
    "src/model.py": "class Ridge:\n    def fit(self, x, y):\n        return self\n",
    "README.md": "# {{ ridges }}\n",
}
LEAF = RubricNode(id="7", requirements="Eq. 1 is solved.", weight=1, task_category="Code Development")

PROMPTS: dict[str, Callable[[Bench], Question[Any]]] = {
    "judging_reference_free": lambda bench: samples.questions(bench, "reference-free", 1)[0],
    "judging_reference_based": lambda bench: samples.questions(bench, "reference-based", 1)[0],
    "grading": lambda bench: next(leaves.questions(bench, [Leaf("1.2", LEAF, ("All is done.", "The method."))])),
    "comparing": lambda bench: next(pairs.questions(two(bench), CRITERIA, 1)),
}


def two(bench: Bench) -> Bench:
    return Bench(bench.material, (FILES, {"main.py": "print(1)\n"}))


@pytest.mark.parametrize("name", PROMPTS)
def test_a_judge_s_prompt_reads_as_reviewed(name: str, material: Material) -> None:
    bench = Bench(Material(material.context, material.paper), (FILES,), {"theirs.py": "def fit(x, y): ...\n"})
    question = PROMPTS[name](bench)
    text = f"<!-- system -->\n{question.system}\n<!-- user: shared beginning -->\n{question.prefix}\n"
    text += f"<!-- user: what is its own -->\n{question.task}"
    snapshot = SNAPSHOTS / f"{name}.md"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        snapshot.write_text(text, encoding="utf-8")
    assert snapshot.is_file(), f"there is no {snapshot}; make it: {RENEW}"
    reviewed = snapshot.read_text(encoding="utf-8")
    assert text == reviewed, f"the prompt of {name} has changed; if that is meant, renew its snapshot: {RENEW}"
