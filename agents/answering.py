"""Questions whose answer is one JSON object."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

from agents.context import Material, preamble
from agents.revision import review_of, revision
from agents.session import Question
from papercoder.models.answers import json_answer
from prompts import describe, render
from state.context import Role, Stage

M = TypeVar("M", bound=BaseModel)


def json_question(
    role: Role,
    stage: Stage,
    form: type[M],
    material: Material,
    *,
    prefix: str,
    task: Callable[[str], str],
    written: M | None,
    check: Callable[[M], None] | None = None,
    objections: Callable[[M], str],
) -> Question[M]:
    """A question whose answer must have this form.  `task` renders the prompt, given the form in words.

    `written` is the artifact as it was answered before: with findings in its review, the question is to revise it.
    `check` raises ValueError for what makes the answer unusable; `objections` names what is sent back once.
    """
    review = review_of(material, stage)
    return Question(
        role=role,
        stage=stage,
        system=preamble(material.context),
        prefix=prefix,
        images=material.images,
        round=review.round,
        task=task(render("json_form", form=describe(form))) + revision(review, written),
        parse=json_answer(form, check),
        schema=form,
        objections=objections,
        trimmed=material.shown_paper[1],
    )
