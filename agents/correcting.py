"""Quotes that are not in the paper go back once: those alone, not the answers that they came in.

Of a dozen quotes of an answer often one is wrong; to have the whole answer again for it costs a dozen times as much,
and a weak model gets others wrong on the way.
"""

from collections.abc import Mapping, Sequence

from langgraph.runtime import Runtime
from pydantic import Field

from agents.context import Material, preamble, prefix
from agents.events import emit_event
from agents.model import ask
from agents.question import Question
from agents.together import together
from papercoder.checks.quotes import draft_problems
from papercoder.models.answers import json_answer
from prompts import describe, quoted, render
from state.artifacts import Artifact, Sources
from state.context import Context
from state.errors import AnswerUnusable
from state.events import Warned
from state.paper import Paper
from state.requirements import Requirement, Text

AT_ONCE = 12
"""Requirements that one question is about."""


class Correction(Artifact):
    id: str = Field(description="of the requirement")
    quote: Text = Field("", description="the words that state it, copied letter by letter from one passage")
    source: Sources = Field(default_factory=list, description="ids of the passages that state it, the quoted one first")
    what: Text = Field("", description="only if the paper says something else: how the requirement must read, whole")
    choice: Text = Field("", description="only if no passage states it: what the implementation does; no quote then")


class Corrections(Artifact):
    corrections: list[Correction]


async def corrected(
    runtime: Runtime[Context], material: Material, requirements: Sequence[Requirement]
) -> list[Requirement]:
    """The requirements, those mended whose quote is found now; the others keep their `problem`."""
    wrong = [requirement for requirement in requirements if requirement.problem]
    groups = [wrong[start : start + AT_ONCE] for start in range(0, len(wrong), AT_ONCE)]
    answers = await together(_asked(runtime, correction_of(material, group)) for group in groups)
    found = {correction.id.strip(" []"): correction for answer in answers for correction in answer}
    return [_mended(requirement, found, material.paper) for requirement in requirements]


async def _asked(runtime: Runtime[Context], question: Question[Corrections]) -> list[Correction]:
    try:
        return (await ask(runtime, question)).corrections
    except AnswerUnusable as error:
        emit_event(runtime.stream_writer, Warned(text=error.cause))
        return []


def correction_of(material: Material, wrong: Sequence[Requirement]) -> Question[Corrections]:
    label = wrong[0].id if len(wrong) == 1 else f"{wrong[0].id} to {wrong[-1].id}"
    listed = "\n".join(render("misquoted", requirement=requirement) for requirement in wrong)
    return Question(
        role="specifier",
        stage="specification",
        file=label,
        system=preamble(material.context),
        prefix=prefix(material),
        images=material.images,
        task=render(
            "correction",
            label=label,
            requirements=quoted("requirements", listed),
            answer_form=render("json_form", form=describe(Corrections)),
        ),
        parse=json_answer(Corrections),
        fan_out=True,
        schema=Corrections,
        trimmed=material.shown_paper[1],
        optional=True,
    )


def _mended(requirement: Requirement, found: Mapping[str, Correction], paper: Paper) -> Requirement:
    correction = found.get(requirement.id)
    if not requirement.problem or correction is None:
        return requirement
    changed = requirement.model_copy(update={**_changes(requirement, correction), "problem": ""})
    return requirement if draft_problems([changed], paper) else changed


def _changes(requirement: Requirement, correction: Correction) -> dict[str, object]:
    what = correction.what.strip() or requirement.what
    if correction.quote.strip():
        source = correction.source or requirement.source
        return {"quote": correction.quote, "source": source, "what": what}
    if correction.choice.strip():
        silent = {"status": "unspecified", "choice": correction.choice}
        return {"quote": "", "source": correction.source, "what": what, **silent}
    return {}
