"""What the assessor may say of a requirement, and what goes back to it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from agents.assessor import Judgements, items_of, question_of, without_claims
from agents.context import Material
from agents.question import Question
from papercoder.models.answers import AnswerError
from state.requirements import Specification

CODE = {"main.py": "def main():\n    return 1\n"}


@pytest.fixture
def conditional(material: Material) -> Material:
    """One requirement, that holds for a data set which the scope does not have."""
    assert material.specification
    what = "On CIFAR-10 the images are flipped."
    one = material.specification.requirements[2].model_copy(update={"what": what})
    return replace(material, specification=Specification(requirements=[one]))


def asked(material: Material) -> Question[Judgements]:
    return question_of(material, without_claims(material, CODE), items_of(material, CODE), 0)


def answered(material: Material, **verdict: Any) -> str:
    items = items_of(material, CODE)
    (real,) = [item.name for item in items if item.requirement]
    others = [{"id": item.name, "judgement": "missing"} for item in items if not item.requirement]
    verdicts = [*others, {"id": real, "judgement": "inapplicable", "reason": "Table 1 has digits.", **verdict}]
    return f"```json\n{json.dumps({'verdicts': verdicts})}\n```"


def objection(material: Material, **verdict: Any) -> str:
    question = asked(material)
    assert question.objections
    return question.objections(question.parse(answered(material, **verdict)))


def test_an_item_outside_the_scope_may_be_left_out_by_its_own_words(conditional: Material) -> None:
    assert objection(conditional, condition="On CIFAR-10") == ""


def test_one_that_is_left_out_without_them_goes_back(conditional: Material) -> None:
    assert "does not quote" in objection(conditional)
    assert "is no condition" in objection(conditional, condition="the images are flipped")


def test_without_a_scope_nobody_is_offered_to_leave_anything_out(conditional: Material) -> None:
    whole = replace(conditional, context=conditional.context.model_copy(update={"scope": ""}))
    assert "inapplicable" in asked(conditional).task
    assert "inapplicable" not in asked(whole).task
    with pytest.raises(AnswerError, match="judgement"):
        asked(whole).parse(answered(whole, condition="On CIFAR-10"))
