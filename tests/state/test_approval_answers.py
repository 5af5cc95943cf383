"""What people answer at a gate is understood as they mean it."""

import pytest

from state.review import understood


@pytest.mark.parametrize(
    "value", [None, True, "", "accept", " OK ", "Yes.", "lgtm", "approve!", {"decision": "accept"}]
)
def test_assent_in_any_of_its_forms_accepts(value: object) -> None:
    assert understood(value).decision == "accept"


@pytest.mark.parametrize("value", ["no", "one file for all losses", {"decision": "revise", "words": "smaller"}])
def test_other_words_ask_for_a_revision(value: object) -> None:
    answer = understood(value)
    assert answer.decision == "revise"
    assert answer.words


@pytest.mark.parametrize("value", [
    {"decision": "edit", "artifact": {"summary": "s"}},
    {"artifact": {"summary": "s"}},
    {"summary": "s"},
])  # fmt: skip
def test_a_whole_artifact_is_an_edit(value: object) -> None:
    answer = understood(value)
    assert answer.decision == "edit"
    assert answer.artifact == {"summary": "s"}


@pytest.mark.parametrize("value", [
    {"decision": "edit"}, {"decision": "revise", "words": " "}, {"decision": "perhaps"}, 7, False, ["accept"],
    {"decision": "accept", "colour": "red"},
])  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_a_reason(value: object) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        understood(value)
