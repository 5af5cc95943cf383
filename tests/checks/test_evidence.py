"""Evidence is a line of code that does something, or one beside it."""

import pytest

from papercoder.checks.evidence import evidence_problem

MODEL = '''"""A model."""

import math
import numpy as np


# the rate
RATE = 0.1


class Ridge:
    """Ridge regression.

    Fits by the closed form.
    Clips gradients.
    Nothing else.
    """

    def __init__(
        self,
        strength: float,
        seed: int,
        rate: float,
        steps: int,
    ) -> None:
        self.strength = strength
        self.sum = sum(
            # everything
            [strength,
             1]
        )

    def later(self):
        """Later."""
        # not yet
        pass

    def never(self):
        raise NotImplementedError("never")

    @property
    def tests(self):
        # the way
        # is
        # long
        # and
        # dark

        for n in range(3):
            try:
                return n
            except ValueError:
                pass
'''
FILES = {
    "model.py": MODEL,
    "config.yaml": "# settings\n\nrate: 0.1\n",
    "README.md": "# Ridge\n",
    "broken.py": "def f(:\n",
    "empty.py": "",
}


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(MODEL.split("\n"), start=1) if text in line)


@pytest.mark.parametrize(
    "text",
    ["RATE = 0.1", "# the rate", "self.strength = strength", "self.sum = sum(", "# everything", ") -> None:",
     "[strength,",
     "for n in", "return n", "except ValueError", "# dark"],
)  # fmt: skip
def test_code_is_evidence_and_so_is_a_line_beside_it(text: str) -> None:
    assert evidence_problem("model.py", line_of(text), FILES) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('"""A model."""', "documentation"),
        ("import math", "an import"),
        ("import numpy", "an import"),
        ("class Ridge:", "a signature"),
        ("Clips gradients.", "documentation"),
        ("def __init__(", "a signature"),
        ("def later", "a signature"),
        ("# not yet", "a comment"),
        ("raise NotImplementedError", "does nothing"),
        ("def tests", "a signature"),
        ("# the way", "a comment"),
    ],
)
def test_words_about_code_are_none(text: str, says: str) -> None:
    problem = evidence_problem("model.py", line_of(text), FILES)
    assert says in problem
    assert f"Line {line_of(text)} of model.py" in problem


def test_a_package_s_line_is_evidence_of_its_version_and_a_comment_beside_it_is_not() -> None:
    files = {"requirements.txt": "numpy==1.26.4\n# torch\n"}
    assert evidence_problem("requirements.txt", 1, files) == ""
    assert "a comment" in evidence_problem("requirements.txt", 2, files)


@pytest.mark.parametrize(
    ("file", "line", "says"),
    [
        ("model.py", 0, "no line 0"),
        ("model.py", 1000, "no line 1000"),
        ("modle.py", 1, "is it model.py?"),
        ("config.yaml", 1, "a comment"),
        ("config.yaml", 2, "empty"),
        ("README.md", 1, "is not code"),
        ("broken.py", 1, "not valid Python"),
        ("empty.py", 1, "empty"),
    ],
)
def test_places_that_are_none_are_named(file: str, line: int, says: str) -> None:
    assert says in evidence_problem(file, line, FILES)


def test_a_setting_is_evidence() -> None:
    assert evidence_problem("config.yaml", 3, FILES) == ""
