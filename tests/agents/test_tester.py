"""Who writes tests from the paper: of which files, where they stand, and which answers are taken."""

from dataclasses import replace

import pytest

from agents.context import Material
from agents.tester import mending, places, tested, tester
from papercoder.models.answers import AnswerError
from state.architecture import Architecture, FileContract
from state.requirements import KINDS, Kind
from state.review import Finding

SOUND = "import math\n\n\ndef test_it():\n    assert math.pi > 3\n"


def architecture(*paths: str) -> Architecture:
    files = [FileContract(path=path, purpose="") for path in paths]
    return Architecture(approach="", files=files, entry_point=paths[0], open_choices=[])


@pytest.mark.parametrize(
    ("paths", "base", "expected"),
    [
        (["src/losses.py"], [], {"src/losses.py": "tests/test_losses.py"}),
        (["a/x.py", "b/x.py"], [], {"a/x.py": "tests/test_x.py", "b/x.py": "tests/test_b_x.py"}),
        (["contracts.py"], [], {"contracts.py": "tests/test_contracts_2.py"}),  # a name of ours
        (["x.py", "tests/test_x.py"], [], {"x.py": "tests/test_x_2.py"}),  # a name of the design's
        (["x.py"], ["tests/Test_x.py"], {"x.py": "tests/test_x_2.py"}),  # a name of the base's
        (["a/b.py", "a_b.py", "c/b.py"], [], {
            "a/b.py": "tests/test_b.py", "a_b.py": "tests/test_a_b.py", "c/b.py": "tests/test_c_b.py"}),
        (["src/__init__.py"], [], {"src/__init__.py": "tests/test_src.py"}),
        (["run.sh", "my-file.py"], [], {}),  # nothing that can be imported
    ],
)  # fmt: skip
def test_tests_stand_where_nothing_else_does(paths: list[str], base: list[str], expected: dict[str, str]) -> None:
    assert places(architecture(*paths), base) == expected


def of_kind(material: Material, kind: Kind) -> Material:
    assert material.specification
    changed = [one.model_copy(update={"kind": kind}) for one in material.specification.requirements]
    return replace(material, specification=material.specification.model_copy(update={"requirements": changed}))


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_tested_for_what_they_do_and_not_for_settings_and_results(material: Material, kind: Kind) -> None:
    assert tested(of_kind(material, kind)) == (
        [] if kind in ("hyperparameter", "result") else ["src/data.py", "src/model.py"]
    )


def test_without_requirements_there_is_nothing_to_test(material: Material) -> None:
    assert tested(replace(material, specification=None)) == []


def test_the_tester_sees_contracts_and_neither_code_nor_thoughts_about_it(material: Material) -> None:
    asked = tester(replace(material, analyses=dict.fromkeys(material.paths, "SECRET")), "src/model.py").question
    whole = asked.system + asked.prefix + asked.task
    assert material.logic
    assert "class Ridge" in asked.task
    assert "def load(seed: int)" in asked.task
    assert "SECRET" not in whole
    assert material.logic.task("src/model.py").logic not in whole


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (f"FILE: tests/test_model.py\n\n```python\n{SOUND}```\n", SOUND),
        (f"<think>NO TESTS?</think>\n```python\n{SOUND}```\n", SOUND),
        ("NO TESTS\n\nIt only loads files.", ""),
        ("**NO TESTS**: it only loads files.", ""),
    ],
)
def test_tests_or_the_word_that_there_are_none(material: Material, answer: str, text: str) -> None:
    assert tester(material, "src/model.py").question.parse(answer) == text


@pytest.mark.parametrize("answer", ["", "I cannot test this.", "```python\ndef test(:\n```", "FILE: x.py\n```\n1\n```"])
def test_other_answers_go_back(material: Material, answer: str) -> None:
    with pytest.raises(AnswerError):
        tester(material, "src/model.py").question.parse(answer)


TESTS = {"tests/test_model.py": SOUND, "tests/test_data.py": SOUND.replace("3", "2")}
EDIT = """FILE: tests/test_{}.py

<<<<<<< SEARCH
    assert math.pi > {}
=======
    assert math.pi > 1
>>>>>>> REPLACE
"""


def test_wrong_tests_are_mended_by_edits_and_the_others_left_alone(material: Material) -> None:
    finding = Finding(file="tests/test_model.py", line=5, problem="pi is not so large")
    asked = mending(material, TESTS, [finding], 2)
    assert (asked.role, asked.round) == ("tester", 2)
    assert "tests/test_data.py" not in asked.task
    assert "pi is not so large" in asked.task
    mended = asked.parse(EDIT.format("model", 3))
    assert mended == {**TESTS, "tests/test_model.py": SOUND.replace("3", "1")}
    assert asked.parse("NO EDITS: the judge is wrong.") == TESTS
    with pytest.raises(AnswerError):
        asked.parse(EDIT.format("data", 2))
