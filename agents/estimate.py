"""What a run is likely to take, without asking any model.

The prompt of planning is rendered as it will be sent; what the later prompts add to it was measured (docs/figures.md):
with these constants the input of the measured runs, of 5 to 100 files on two papers, comes out within 5 %.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from agents.context import Material, preamble, prefix
from papercoder.models.prices import dollars, price_of
from papercoder.models.tokens import count_tokens
from papercoder.models.vision import ASSUMED, rule_of, shown_tokens
from prompts import describe, render
from state.artifacts import Plan
from state.context import STAGES, Role, Stage
from state.estimate import Estimate, Range, StageEstimate
from state.ledger import Usage

ADDED = {"architecture": 4_300, "logic": 6_700, "configuration": 8_400, "analysis": 3_600, "coding": 4_100}
"""Tokens of input beyond the paper's part, a call."""
ADDED_A_FILE = 22
"""Tokens that each file of the repository adds to each call of analysis and coding."""
ANSWERS = {
    "planning": 5_000, "architecture": 3_000, "logic": 2_000, "configuration": 1_000, "analysis": 1_000, "coding": 1_700
}  # fmt: skip
"""Tokens of output, a call."""
ASKED: dict[Stage, Role] = {
    "planning": "planner", "architecture": "architect", "logic": "logic designer", "configuration": "configurator",
    "analysis": "analyst", "coding": "coder",
}  # fmt: skip
PER_FILE = ("analysis", "coding")
FEWEST_FILES = 4
PAPER_TOKENS_A_FILE = 2_000
SECONDS_BEFORE_FILES, SECONDS_A_FILE = 130, 8


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


def estimate(material: Material, until: Stage | None = None) -> Estimate:
    """The range for a run on this paper, with the models of its context, to the end of a stage."""
    files = _files(material)
    likely = Case(files, 1.0, 0.77, 1.0)
    cases = (
        Case(max(3, round(0.6 * files)), 0.6, 0.8, 1.0),
        likely,
        Case(round(1.8 * files) + 1, 2.5, 0.5, 1.15),
    )
    ways = [list(_stages(material, case, until)) for case in cases]
    totals = [Usage(input=_sum(way, "input"), cached=_sum(way, "cached"), output=_sum(way, "output")) for way in ways]
    priced = [_dollars(way) for way in ways]
    return Estimate(
        files=_range([case.files for case in cases]),
        calls=_range([_sum(way, "calls") for way in ways]),
        input=_range([total.input for total in totals]),
        cached=_range([total.cached for total in totals]),
        output=_range([total.output for total in totals]),
        dollars=None if None in priced else _range([price or 0.0 for price in priced]),
        seconds=_range([f * (SECONDS_BEFORE_FILES + SECONDS_A_FILE * files) for f in (0.5, 1.0, 3.0)]),
        stages=tuple(ways[1]),
        basis=_basis(material, files),
    )


def _files(material: Material) -> int:
    """Before the architecture nobody knows: a longer paper has more to implement."""
    return FEWEST_FILES + round(count_tokens(material.shown_paper[0]) / PAPER_TOKENS_A_FILE)


def _stages(material: Material, case: Case, until: Stage | None) -> Iterator[StageEstimate]:
    last = STAGES.index(until) if until else len(STAGES)
    shared = count_tokens(preamble(material.context)) + count_tokens(prefix(material))
    for stage, role in ASKED.items():
        if STAGES.index(stage) > last:
            return
        added = ADDED.get(stage) or count_tokens(render("planning") + render("json_form", form=_FORM))
        calls = (case.files if stage in PER_FILE else 1) * case.repairs
        own = added + (ADDED_A_FILE * case.files if stage in PER_FILE else 0)
        size = shared + shown_tokens(material.context.model_for(role), material.images) + own
        usage = Usage(
            input=round(calls * size),
            cached=round(calls * size * case.cached) if stage != "planning" else 0,
            output=round(calls * ANSWERS[stage] * case.answers),
        )
        price = price_of(material.context.model_for(role), material.context)
        yield StageEstimate(stage=stage, calls=round(calls), **_tokens(usage), dollars=dollars(usage, price))


_FORM = describe(Plan)


def _tokens(usage: Usage) -> dict[str, int]:
    return {"input": usage.input, "cached": usage.cached, "output": usage.output}


def _sum(stages: list[StageEstimate], what: str) -> int:
    return sum(getattr(stage, what) for stage in stages)


def _dollars(stages: list[StageEstimate]) -> float | None:
    known = [stage.dollars for stage in stages if stage.dollars is not None]
    return sum(known) if len(known) == len(stages) else None


def _range(values: list[float] | list[int]) -> Range:
    low, expected, high = values
    return Range(low=low, expected=expected, high=high)


def _figures(material: Material, names: list[str]) -> list[str]:
    """What images add, and by which rule."""
    if not material.images:
        return ["No figure that the method depends on has an image: the models are shown none."]
    labels = ", ".join(dict.fromkeys(image.label.partition("]")[0].strip("[") for image in material.images))
    many = "1 image" if len(material.images) == 1 else f"{len(material.images)} images"
    said = [f"{many} with every call: {labels}."]
    for name in names:
        rule, tokens = rule_of(name), shown_tokens(name, material.images)
        how = rule.name if rule else f"{ASSUMED.name}: assumed, since its provider's rule is not known here"
        said.append(f"They are {tokens:,} tokens for {name} ({how}).")
    return said


def _basis(material: Material, files: int) -> tuple[str, ...]:
    context = material.context
    names = sorted({context.model_for(role) for role in ASKED.values()})
    unknown = [name for name in names if price_of(name, context) is None]
    shown = count_tokens(material.shown_paper[0])
    basis = [
        f"{shown:,} tokens of paper, shown with every call; the planning prompt is counted as it will be sent.",
        f"About {files} files, from the paper's length: the architecture decides. Calls: 4 and 2 a file.",
        "What later prompts add and answers take was measured; a model that reasons may write 2.5 times as much.",
        "77 % of the input from the provider's prefix cache, as measured; without such a cache the upper end.",
        "Time at 100 output tokens a second.",
    ]
    if context.figures:
        basis += _figures(material, names)
    if unknown:
        basis.append(f"The price of {', '.join(unknown)} is unknown: give it with --price IN,CACHED,OUT.")
    return tuple(basis)
