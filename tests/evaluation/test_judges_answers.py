"""What a judge answers: what becomes a score, what is sent back, and what several samples come to."""

import json
from typing import Any

import pytest

from papercoder.evaluation.scoring import Invalid, merged
from papercoder.models.answers import AnswerError, json_answer
from state.judgements import Grade, Judgement, PairJudgement, ReferencedJudgement


def critique(
    file: str = "a.py", function: str = "fit", severity: str = "medium", text: str = "wrong"
) -> dict[str, str]:
    return {"file_name": file, "func_name": function, "severity_level": severity, "critique": text}


def judgement(score: object, *critiques: dict[str, str]) -> dict[str, Any]:
    return {"critique_list": list(critiques), "score": score}


def grade(**changes: object) -> dict[str, Any]:
    usual = {
        "expectation": "a loss",
        "reality": "there is one",
        "evidence": ["a.py:loss"],
        "verdict": "met",
        "score": 1,
    }
    return usual | changes


def answer(value: object) -> str:
    return f"```json\n{json.dumps(value)}\n```"


@pytest.mark.parametrize(
    "said",
    [
        *(judgement(score, critique()) for score in (0, 6, -1, 3.5, "3", True, None, "excellent", [3], 10**400)),
        {"critique_list": [critique()]},
        {"score": 3},
        judgement(3, critique(severity="terrible")),
        judgement(3, critique(text="")),
        judgement(5, critique(severity="high")),
        judgement(4),
        judgement(1),
        [judgement(3, critique())],
        3,
        {},
    ],
)
def test_a_judgement_out_of_range_or_against_itself_is_no_score(said: object) -> None:
    with pytest.raises(AnswerError):
        json_answer(Judgement)(answer(said))


@pytest.mark.parametrize("text", ["", "Score: 5", "```json\n{\n```", "<think>5</think>"])
def test_what_is_no_json_is_no_score(text: str) -> None:
    for form in (Judgement, ReferencedJudgement, Grade, PairJudgement):
        with pytest.raises(AnswerError):
            json_answer(form)(text)


@pytest.mark.parametrize(
    "said",
    [
        judgement(5),
        judgement(5, critique(severity="low")),
        judgement(4, critique(severity="High")),
        judgement(1, critique(severity="high", file="", function="")),
    ],
)
def test_a_judgement_that_holds_is_taken(said: dict[str, Any]) -> None:
    assert json_answer(Judgement)(answer(said)).score == said["score"]


def test_a_referenced_judgement_names_the_place_in_the_gold_repository() -> None:
    said = judgement(3, critique() | {"gold_file_name": "g.py", "gold_func_name": "train"})
    (found,) = json_answer(ReferencedJudgement)(answer(said)).critique_list
    assert (found.gold_file_name, found.gold_func_name) == ("g.py", "train")


@pytest.mark.parametrize(
    "changes",
    [
        {"score": 2}, {"score": 0.5}, {"score": "1"}, {"score": True}, {"verdict": "partly"}, {"verdict": "not met"},
        {"score": 0}, {"evidence": []}, {"expectation": ""}, {"reality": ""},
    ],
)  # fmt: skip
def test_a_grade_in_between_or_against_itself_is_no_grade(changes: dict[str, object]) -> None:
    with pytest.raises(AnswerError):
        json_answer(Grade)(answer(grade(**changes)))


def test_a_grade_that_holds_is_taken() -> None:
    assert json_answer(Grade)(answer(grade(verdict="Met"))).score == 1
    assert json_answer(Grade)(answer(grade(verdict="not met", score=0, evidence=[]))).score == 0


def test_a_comparison_whose_whole_contradicts_all_its_parts_is_refused() -> None:
    parts = [{"criterion": name, "reason": "more", "better": "first"} for name in ("a", "b")]
    said = {"preferences": parts, "reason": "less", "overall": "second"}
    with pytest.raises(AnswerError, match="every criterion says 'first'"):
        json_answer(PairJudgement)(answer(said))
    assert json_answer(PairJudgement)(answer(said | {"overall": "equal"})).overall == "equal"


# --- several samples


def samples(*said: dict[str, Any]) -> list[Judgement]:
    return [Judgement.model_validate(one) for one in said]


def test_samples_come_to_a_mean_and_a_spread() -> None:
    found = merged(4, samples(judgement(2, critique()), judgement(4, critique()), judgement(3, critique())), [], [])
    assert (found.mean, found.spread, found.scores, found.asked) == (3, 1, (2, 4, 3), 4)
    assert merged(1, samples(judgement(5)), [], []).spread is None


def test_critiques_are_merged_by_file_and_function_the_gravest_first() -> None:
    found = merged(
        2,
        samples(
            judgement(2, critique(severity="low", text="one"), critique("b.py", severity="medium")),
            judgement(2, critique(function="fit()", severity="high", text="two"), critique(text="one")),
        ),
        [],
        [],
    )
    first, second = found.critiques
    assert (first.file, first.function, first.severity, first.samples) == ("a.py", "fit", "high", 2)
    assert first.texts == ("one", "two")
    assert (second.file, second.severity, second.samples) == ("b.py", "medium", 1)


def test_invalid_answers_are_told_and_count_for_nothing() -> None:
    found = merged(2, samples(judgement(4, critique())), [Invalid(about="reference-free (2)", reason="no JSON")], [])
    assert (found.mean, len(found.invalid)) == (4, 1)


def test_without_a_valid_sample_there_is_no_score() -> None:
    with pytest.raises(ValueError, match="none of 8"):
        merged(8, [], [Invalid(about="a", reason="b")] * 8, [])
