"""The calls that a run is likely to make, and their sizes.

The specifier's parts and the form of the plan are counted as they will be sent.  What the other prompts add to the
paper was measured on runs against a simulated provider of 5 to 40 files, on two papers of 3,500 and 8,800 tokens: their
input comes out within 1 %.  Lengths of answers, and how often an artifact is revised, are assumed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from agents.assessing import completions
from agents.assessor import BATCH, FEWEST_PLACEBOS, REQUIREMENTS_A_PLACEBO
from agents.context import Material, preamble, prefix
from agents.specifier import read_in
from papercoder.models.tokens import count_tokens
from prompts import describe, render
from state.context import Role, Stage
from state.plan import Plan

REQUIREMENTS_A_PART, REQUIREMENT = 12, 54
"""How many a part of the paper has, and the tokens of one in a list."""


@dataclass(frozen=True)
class Size:
    """Tokens beyond the paper's part: of every call, and more for each file of the repository."""

    base: int
    a_file: int = 0

    def at(self, files: int) -> int:
        return self.base + self.a_file * files


SURVEY, CONSOLIDATION = Size(1_230), Size(830)
ADDED: dict[Stage, Size] = {
    "planning": Size(count_tokens(render("planning") + render("json_form", form=describe(Plan)))),
    "architecture": Size(3_790),
    "logic": Size(3_400, 135),
    "configuration": Size(3_600, 237),
    "testing": Size(2_000, 4),
    "analysis": Size(2_450, 4),
    "coding": Size(6_350, 20),
}
REVIEWED: dict[Stage, Size] = {
    "planning": Size(2_530),
    "architecture": Size(260, 315),
    "logic": Size(235, 125),
    "configuration": Size(1_285),
    "analysis": Size(1_330),
    "coding": Size(2_330),
}
"""What a critic's prompt has beside the author's: the answer, above all."""
CODE = Size(0, 1_810)
"""All files, as the assessor sees them."""
SHOWN = Size(2_070, 2_010)
"""The same, as the guide sees them, behind what all files share."""
EDITED = Size(6_500, 200)
"""What a question for edits adds: some files in full, the others by their signatures."""

ANSWERS: dict[Stage, Size] = {
    "planning": Size(5_000),
    "architecture": Size(800, 260),
    "logic": Size(500, 150),
    "configuration": Size(1_000),
    "testing": Size(1_800),
    "analysis": Size(600),
    "coding": Size(1_700),
}
"""Tokens of output, a call of the author."""
SURVEYED, CONSOLIDATED, REMARKED, JUDGED, PATCHED, RULED, GUIDED = 1_400, 600, 600, 500, 1_000, 800, 3_000
"""Tokens of output, a call of the other roles."""
REVISION = 0.5
"""Length of a revision, as a share of the first answer: where little changes it is an edit."""

AUTHORS: dict[Stage, Role] = {
    "planning": "planner", "architecture": "architect", "logic": "logic designer", "configuration": "configurator",
    "testing": "tester", "analysis": "analyst", "coding": "coder",
}  # fmt: skip
PER_FILE = ("testing", "analysis", "coding")


@dataclass(frozen=True)
class Case:
    """One way in which a run may go."""

    files: int
    answers: float
    """Length of answers, as a multiple of the usual: a model that reasons writes more than is seen."""
    cached: float
    """Share of the input that the provider has in its prefix cache."""
    repairs: float
    """Calls, as a multiple of those that are needed: answers that cannot be used are asked for again."""
    revised: float = 0.0
    """How often each artifact that is reviewed is revised, on average; never more than the run's rounds."""


@dataclass(frozen=True)
class Calls:
    """`count` calls of one role in one stage; `input` and `output` of each."""

    stage: Stage
    role: Role
    count: float
    input: float
    output: float


def calls_of(material: Material, case: Case) -> Iterator[Calls]:
    """In the order of the stages."""
    shared = count_tokens(preamble(material.context)) + count_tokens(prefix(material))
    parts = len(read_in(material))
    required = REQUIREMENTS_A_PART * parts
    yield Calls("specification", "specifier", parts, shared + SURVEY.base, SURVEYED)
    yield Calls("specification", "specifier", 1, shared + CONSOLIDATION.base + REQUIREMENT * required, CONSOLIDATED)
    for stage in AUTHORS if material.context.tests else [stage for stage in AUTHORS if stage != "testing"]:
        yield from _loop(material, case, stage, shared + _requirements(stage, required, case.files))
    yield from _whole(material, case, shared, required)


def _requirements(stage: Stage, required: int, files: int) -> int:
    """Tokens of those that the stage is shown: all of them, or those of one file."""
    return REQUIREMENT * (ceil(required / files) if stage in PER_FILE else required)


def _loop(material: Material, case: Case, stage: Stage, shared: int) -> Iterator[Calls]:
    """The author's calls and the critic's."""
    context = material.context
    count = case.files - (stage == "testing") if stage in PER_FILE else 1  # of the entry point there are no tests
    size = shared + ADDED[stage].at(case.files)
    answer = ANSWERS[stage].at(case.files)
    yield Calls(stage, AUTHORS[stage], count, size, answer)
    if not context.rounds or stage not in context.critique:
        return
    revised = count * min(case.revised, context.rounds)
    more = REVIEWED[stage].at(case.files)
    yield Calls(stage, AUTHORS[stage], revised, size + more, REVISION * answer)
    yield Calls(stage, "critic", count + revised, size + more, REMARKED)


def _whole(material: Material, case: Case, shared: int, required: int) -> Iterator[Calls]:
    """What is asked about the code as a whole."""
    context = material.context
    edited = shared + EDITED.at(case.files)
    repaired = min(case.revised, context.repairs)
    yield Calls("integration", "debugger", repaired, edited, PATCHED)
    if context.execute:
        yield Calls("execution", "debugger", repaired, edited, PATCHED)
        if context.tests:
            yield Calls("execution", "arbiter", repaired, edited, RULED)
            yield Calls("execution", "tester", repaired, shared + ADDED["testing"].at(case.files), PATCHED)
    if context.assess:
        revised = min(case.revised, completions(context))
        batches = ceil((required + max(FEWEST_PLACEBOS, required // REQUIREMENTS_A_PLACEBO)) / BATCH)
        yield Calls("assessment", "assessor", batches * (1 + revised), shared + CODE.at(case.files), JUDGED)
        yield Calls("assessment", "coder", revised, edited, PATCHED)
    if context.notebook:
        size = shared + SHOWN.at(case.files)
        yield Calls("walkthrough", "guide", 1, size, GUIDED)
        yield Calls("walkthrough", "guide", min(case.revised, context.rounds), size + GUIDED, REVISION * GUIDED)
