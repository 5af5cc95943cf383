"""What an arbiter says reaches whoever mends, and is read however it is written."""

from dataclasses import replace

import pytest

from agents.arbiter import MOST, arbitrations
from agents.context import Material
from agents.premises import Premises, of_design
from papercoder.models.answers import AnswerError
from state.execution import Failure

PATH = "tests/test_model.py"
TESTS = "def test_a():\n    assert False\n\n\nclass TestB:\n    def test_c(self):  # [R1]\n        assert False\n"
NAMES = (f"{PATH}::test_a", f"{PATH}::TestB::test_c")


@pytest.fixture
def tested(material: Material) -> Premises:
    return of_design(replace(material, tests={PATH: TESTS}))


def failing(*names: str) -> list[Failure]:
    return [Failure(kind="test failure", message="assert False", file=PATH, test=name) for name in names]


def test_one_question_for_a_file_of_tests_and_none_for_tests_that_are_not_the_papers(tested, code) -> None:
    others = failing("tests/test_contracts.py::Contracts::test_every_module_keeps_its_contract")
    (question,) = arbitrations(tested, code, [*failing(*NAMES), *others], 2)
    assert (question.role, question.file, question.round) == ("arbiter", PATH, 2)
    assert "test_contracts" not in question.task


def test_many_failures_are_judged_a_few_at_a_time(tested, code) -> None:
    asked = arbitrations(tested, code, failing(*(f"{PATH}::test_{n}" for n in range(MOST + 1))), 0)
    assert [question.sample for question in asked] == [0, 1]


@pytest.mark.parametrize("answer", [
    '{"rulings": [{"test": "tests/test_model.py::test_a", "wrong": "Code", "file": "src/model.py"}, '
    '{"test": "test_c", "wrong": "the test", "source": "[E1]"}]}',
    '{"rulings": [{"test": "TestB::test_c", "wrong": "**test**", "source": ["E1"], "reason": "r"}, '
    '{"test": "`test_a`", "wrong": "code", "file": "src/model.py"}]}',
    '{"rulings": [{"test": "the first", "wrong": "implementation", "file": "src/model.py"}, '
    '{"test": "the second", "wrong": "test", "source": "E1"}]}',
])  # fmt: skip
def test_a_ruling_finds_its_test(tested, code, answer: str) -> None:
    (question,) = arbitrations(tested, code, failing(*NAMES), 0)
    one, other = question.parse(f"```json\n{answer}\n```")
    assert (one.test, one.wrong, one.file) == (NAMES[0], "code", "src/model.py")
    assert (other.test, other.wrong, other.source, other.file) == (NAMES[1], "test", ("E1",), "")


def test_a_test_without_a_ruling_has_none_and_an_unknown_word_goes_back(tested, code) -> None:
    (question,) = arbitrations(tested, code, failing(*NAMES), 0)
    found = question.parse('```json\n{"rulings": [{"test": "test_c", "wrong": "both", "reason": "r"}]}\n```')
    assert [(ruling.test, ruling.test_change) for ruling in found] == [(NAMES[1], "r")]
    with pytest.raises(AnswerError, match="wrong"):
        question.parse('```json\n{"rulings": [{"test": "test_c", "wrong": "nobody"}]}\n```')
