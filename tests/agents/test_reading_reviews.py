"""What a critic may answer: a list of findings, in the words of models; anything else is no review."""

import pytest

from agents.critic import Remarks
from papercoder.models.answers import AnswerError, json_answer

READ = json_answer(Remarks)


@pytest.mark.parametrize("nothing", ["[]", "null", '""'])
def test_an_empty_list_says_that_the_artifact_is_sound(nothing: str) -> None:
    assert READ(f'{{"findings": {nothing}}}').findings == []


@pytest.mark.parametrize("answer", ['{"answer": "fine"}', "{}", "It looks fine to me.", '{"findings": ["bad"]}'])
def test_what_is_no_review_does_not_count_as_one_that_found_nothing(answer: str) -> None:
    with pytest.raises(AnswerError):
        READ(answer)


def test_severities_are_read_as_models_write_them() -> None:
    (remark,) = READ('{"findings": [{"severity": "Critical", "problem": "No mask."}]}').findings
    assert remark.severity == "high"
