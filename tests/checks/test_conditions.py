"""A requirement is left out of the count only under words of its own that the run's scope rules out."""

import pytest

from papercoder.checks.conditions import condition_problem

REQUIREMENT = "If AQuA-RAT is the data set, four exemplars are shown (Decided: the first four)."
CONDITION = "If AQuA-RAT is the data set"
SCOPE = "The experiments on GSM8K; not those on AQuA-RAT or SVAMP."
PROGRAM = ["def load(name):\n    return read(name)\n", "data.name: gsm8k\ndata.split: test\n"]


@pytest.mark.parametrize("condition", [CONDITION, "if AQuA-RAT  is the data\nset", "if aqua-RAT is the dataset"])
@pytest.mark.parametrize("scope", [SCOPE, "GSM8K only", "Table 1, without AQuA-RAT", "All data sets but AQuA-RAT"])
def test_a_condition_that_the_scope_rules_out_is_granted(condition: str, scope: str) -> None:
    assert condition_problem(condition, REQUIREMENT, scope, PROGRAM) == ""


@pytest.mark.parametrize(
    "condition", ["on AQuA-RAT", "when beam search is chosen", "for models of GPT-3's size", "with GPT-3"]
)
def test_other_words_for_a_condition_are_granted(condition: str) -> None:
    assert condition_problem(condition, f"Four exemplars are shown {condition}.", "GSM8K", PROGRAM) == ""


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("", "does not quote"),
        ("if SVAMP is the data set", "does not quote"),
        ("four exemplars are shown", "is no condition"),
        ("AQuA-RAT is the data set", "is no condition"),
        ("If", "is no condition"),
    ],
)
def test_words_that_are_not_the_requirement_s_own_condition_are_not(condition: str, why: str) -> None:
    assert why in condition_problem(condition, REQUIREMENT, SCOPE, PROGRAM)


def test_without_a_scope_everything_applies() -> None:
    assert "Nothing was left out" in condition_problem(CONDITION, REQUIREMENT, " ", PROGRAM)


@pytest.mark.parametrize(
    ("condition", "what", "why"),
    [
        ("if it is used", "Noise is added if it is used.", "names nothing"),
        ("for each data set", "It is shuffled for each data set.", "is no condition"),
        ("with dropout of rate", "The model is trained with dropout of rate 0.1.", "is no condition"),
        ("For each image random erasing is applied", "For each image random erasing is applied.", "is no condition"),
        ("On CIFAR-10 random crops are drawn and flipped", "On CIFAR-10 random crops are drawn and flipped.", "is no"),
    ],
)
def test_what_is_asked_for_is_no_condition(condition: str, what: str, why: str) -> None:
    assert why in condition_problem(condition, what, SCOPE, [])


@pytest.mark.parametrize(
    ("scope", "program"),
    [
        ("GSM8K and AQuA-RAT", PROGRAM),
        ("AQuA-RAT, not SVAMP", PROGRAM),
        ("GSM8K", [*PROGRAM, 'NAMES = ["gsm8k", "aqua_rat"]\n']),
        ("GSM8K", [*PROGRAM, "data.sets: [gsm8k, AquaRat]\n"]),
    ],
)
def test_what_the_scope_names_or_the_code_deals_with_is_counted(scope: str, program: list[str]) -> None:
    assert "so the item applies" in condition_problem(CONDITION, REQUIREMENT, scope, program)


def test_what_the_code_lacks_does_not_rule_out_a_condition_that_is_in_scope() -> None:
    what = "When the model is trained, dropout of 0.1 is applied."
    assert "The scope has to do" in condition_problem("When the model is trained", what, "models trained on X", [])
