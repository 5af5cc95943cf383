"""Where an evaluation goes next: pure functions of what was asked for."""

from collections.abc import Mapping
from typing import Any, Literal

from state.evaluation import EvaluationRequest

Judgements = Literal["judging", "grading", "comparing"]


def after_reading(state: Mapping[str, Any]) -> Literal["rubric", "judging", "grading", "comparing"]:
    """A rubric is made first where one is needed and none was given."""
    asked = request_of(state)
    return "rubric" if "rubric" in asked.chosen and not asked.rubric else _first(asked)


def after_rubric(state: Mapping[str, Any]) -> Judgements:
    return _first(request_of(state))


def after_judging(state: Mapping[str, Any]) -> Literal["grading", "reporting"]:
    return "grading" if "rubric" in request_of(state).chosen else "reporting"


def _first(asked: EvaluationRequest) -> Judgements:
    if "comparison" in asked.chosen:
        return "comparing"
    return "grading" if asked.chosen == ("rubric",) else "judging"


def request_of(state: Mapping[str, Any]) -> EvaluationRequest:
    """What was asked for; from a client of a server it comes as a plain dict."""
    return EvaluationRequest.model_validate(state.get("request"), from_attributes=True)
