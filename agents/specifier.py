"""The specifier: from the paper to requirements, each with its source (PaperCompiler's idea).

The paper is read part by part, side by side, so that appendices and tables get as much of a model's attention as the
first pages; then all that was found is seen together; then what cannot be verified goes back.
"""

from collections.abc import Iterable, Sequence

from langgraph.runtime import Runtime

from agents.context import Material, preamble, prefix
from agents.correcting import corrected
from agents.merging import consolidated, in_order
from agents.model import ask
from agents.parts import PART_TOKENS, Part, parts_of
from agents.question import Question
from agents.revision import review_of
from agents.sources import unknown_sources
from agents.survey import (
    Amendment,
    Consolidated,
    Consolidation,
    Survey,
    Surveyed,
    consolidation_answer,
    survey_answer,
)
from agents.together import together
from papercoder.checks.quotes import draft_problems
from papercoder.models.tokens import count_tokens, cut_to_tokens
from prompts import describe, oneline, quoted, render
from state.context import Context
from state.paper import Paper
from state.requirements import Contradiction, Requirement, Specification, numbered

MOST_NAMED = 12
"""Items that are named when an answer is sent back."""
PART_SHARE = 0.2
"""Of the window."""
LISTING_SHARE = 0.8
"""Of the room that paper and form leave in the window."""


async def specify(runtime: Runtime[Context], material: Material) -> Specification:
    """What a faithful implementation must show.  With findings in its review, the list that there is is amended."""
    if material.specification and review_of(material, "specification").findings:
        listed = material.specification.requirements
    else:
        listed = await _surveyed(runtime, material)
    found = await ask(runtime, consolidation_of(material, listed))
    merged = consolidated(listed, found, material.paper)
    requirements = numbered(merged.drafts, draft_problems(merged.drafts, material.paper))
    return Specification(
        requirements=await corrected(runtime, material, requirements),
        contradictions=[
            Contradiction(id=f"C{number}", **draft.model_dump())
            for number, draft in enumerate(merged.contradictions, start=1)
        ],
    )


async def _surveyed(runtime: Runtime[Context], material: Material) -> list[Requirement]:
    """What each part states, all in one list in the paper's order."""
    surveys = await together(ask(runtime, survey_of(material, part)) for part in read_in(material))
    drafts = in_order([draft for survey in surveys for draft in survey.drafts], material.paper)
    return numbered(drafts, draft_problems(drafts, material.paper))


def read_in(material: Material) -> tuple[Part, ...]:
    """The parts; smaller ones where the window is too small for the paper, and each is shown besides it."""
    return parts_of(material.paper, min(PART_TOKENS, int(material.window * PART_SHARE)))


def survey_of(material: Material, part: Part) -> Question[Surveyed]:
    """The question about one part."""
    form = render("json_form", form=describe(Survey))
    shown, trimmed = material.shown_paper
    return Question(
        role="specifier",
        stage="specification",
        file=part.label,
        system=preamble(material.context),
        prefix=prefix(material),
        images=material.images,
        task=render(
            "specification",
            part=part.label,
            ids=part.ids,
            scope=material.context.scope,
            # of a paper that the window is too small for, each reader sees the own part whole
            text="" if part.is_in(shown) else quoted("part", part.text),
            answer_form=form,
        ),
        parse=survey_answer(),
        fan_out=True,
        schema=Survey,
        objections=lambda answer: _objections(answer.refused),
        trimmed=trimmed,
    )


def consolidation_of(material: Material, listed: Sequence[Requirement]) -> Question[Consolidated]:
    """The question about all parts together, and about what a review has found in the list."""
    review = review_of(material, "specification")
    form = Amendment if review.findings else Consolidation
    answer_form = render("json_form", form=describe(form))
    known = material.specification.contradictions if review.findings and material.specification else []

    def task(requirements: str) -> str:
        return render(
            "consolidation",
            requirements=quoted("requirements", requirements),
            known=known,
            findings=review.findings,
            answer_form=answer_form,
        )

    system, beginning = preamble(material.context), prefix(material)
    room = material.window - sum(map(count_tokens, (system, beginning, task(""))))
    return Question(
        role="specifier",
        stage="specification",
        round=review.round,
        system=system,
        prefix=beginning,
        images=material.images,
        task=task(listing(listed, int(room * LISTING_SHARE))),
        parse=consolidation_answer(),
        schema=form,
        objections=lambda answer: _doubts(answer, material.paper),
        trimmed=material.shown_paper[1],
    )


def listing(requirements: Iterable[Requirement], limit: int) -> str:
    """A line each, within `limit` tokens: where there are too many, every line is cut to its share."""
    lines = [oneline(render("requirement", requirement=requirement)) for requirement in requirements]
    if sum(count_tokens(line) + 1 for line in lines) > limit:
        share = max(1, limit // len(lines) - 1)
        lines = [cut_to_tokens(line, share) for line in lines]
    return "\n".join(lines)


def _objections(refused: Sequence[str]) -> str:
    """What is sent back once: items without the form."""
    return render("objections", refused=refused[:MOST_NAMED]) if refused else ""


def _doubts(answer: Consolidated, paper: Paper) -> str:
    unknown = [unknown_sources(contradiction, paper) for contradiction in answer.contradictions]
    return "\n".join(filter(None, [_objections(answer.refused), *dict.fromkeys(unknown)]))
