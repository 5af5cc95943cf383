"""A repository that was there before, as those who mend it see it."""

from agents.existing import PAPER_TEXT, Existing
from papercoder.models.tokens import count_tokens
from state.context import Context
from state.execution import ExecutionReport

FILES = {"model.py": "def f(x):\n    return x\n", "tests/test_model.py": "def test_f():\n    pass\n"}


async def not_run(_: object) -> ExecutionReport:
    raise AssertionError("nothing is run here")


def existing(**files: str) -> Existing:
    context = Context(model="openai:small", context_window=8_000, max_output_tokens=1_000)
    return Existing(context, {**FILES, **files}, None, not_run)


def test_a_paper_that_it_brings_along_leaves_room_in_a_small_window() -> None:
    ours = existing(**{PAPER_TEXT: "The scale is a mean of samples.\n" * 5_000})
    prefix = ours.premises(ours.first).prefix
    assert "The scale is a mean" in prefix
    assert count_tokens(prefix) < 5_000


def test_its_tests_can_be_mended_only_where_it_brings_a_paper_to_judge_them_by() -> None:
    assert set(existing().first) == {"model.py"}
    assert set(existing(**{PAPER_TEXT: "A paper."}).first) == {"model.py", "tests/test_model.py"}
