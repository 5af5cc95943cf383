"""Authors whose artifact is one JSON object."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from agents.author import VERSIONS, Author, whole_or_edited
from agents.context import Material, preamble
from agents.question import Question
from agents.revision import as_json, review_of, revision
from papercoder.models.answers import json_answer
from prompts import describe, render
from state.context import Role, Stage
from state.requirements import Requirement
from state.review import Finding

M = TypeVar("M", bound=BaseModel)


def json_author(
    role: Role,
    stage: Stage,
    form: type[M],
    material: Material,
    *,
    prefix: str,
    instructions: str,
    written: M | None,
    check: Callable[[M], None] | None = None,
    objections: Callable[[M], str],
    findings: Callable[[M], Sequence[Finding]],
    requirements: Sequence[Requirement],
) -> Author[M]:
    """`written` is the artifact as it was answered before: with findings of a person, the question is to revise it.

    `check` raises ValueError for what makes the answer unusable; `objections` names what is sent back once; `findings`
    are what the loop around the author begins with.
    """
    review, parse = review_of(material, stage), json_answer(form, check)
    question = Question(
        role=role,
        stage=stage,
        system=preamble(material.context),
        prefix=prefix,
        images=material.images,
        round=review.round * VERSIONS,
        task=instructions
        + render("json_form", form=describe(form))
        + (revision(review.findings, as_json(written), stage) if written else ""),
        parse=whole_or_edited(parse, as_json(written), stage, str) if written and review.findings else parse,
        schema=form,
        objections=objections,
        trimmed=material.shown_paper[1],
    )
    return Author(question, instructions, as_json, findings, requirements)
