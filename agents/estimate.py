"""What a run is likely to take, without asking any model: the calls of `agents.calls`, in tokens, money and time."""

from collections.abc import Iterator
from itertools import groupby

from agents.calls import PER_FILE, Calls, Case, calls_of
from agents.context import Material
from agents.specifier import read_in
from papercoder.models.prices import dollars, price_of
from papercoder.models.tokens import count_tokens
from papercoder.models.vision import ASSUMED, rule_of, shown_tokens
from state.context import BESIDE, CRITICISED, ROLES, STAGES, Context, Stage
from state.estimate import Estimate, Range, StageEstimate
from state.ledger import Usage

FEWEST_FILES = 4
PAPER_TOKENS_A_FILE = 2_000
TOKENS_A_SECOND, SECONDS_BEFORE_A_TOKEN = 100, 0.7
DEPTH = 3.2
"""Files that are written one after the other, as a multiple of the cube root of their number."""


def estimate(material: Material, until: Stage | None = None) -> Estimate:
    """The range for a run on this paper, with the models of its context, to the end of a stage."""
    files = _files(material)
    cases = (
        Case(max(3, round(0.6 * files)), 0.6, 0.8, 1.0),
        Case(files, 1.0, 0.75, 1.0, revised=0.5),
        Case(round(1.8 * files) + 1, 2.5, 0.5, 1.15, revised=float(material.context.rounds)),
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
        seconds=_range([seconds(material, case, until) for case in cases]),
        stages=tuple(ways[1]),
        basis=_basis(material, files),
    )


def _files(material: Material) -> int:
    """Before the architecture nobody knows: a longer paper has more to implement."""
    return FEWEST_FILES + round(count_tokens(material.shown_paper[0]) / PAPER_TOKENS_A_FILE)


def _calls(material: Material, case: Case, until: Stage | None) -> Iterator[Calls]:
    last = STAGES.index(BESIDE.get(until, until)) if until else len(STAGES)
    return (calls for calls in calls_of(material, case) if STAGES.index(calls.stage) <= last)


def _stages(material: Material, case: Case, until: Stage | None) -> Iterator[StageEstimate]:
    for stage, group in groupby(_calls(material, case, until), lambda calls: calls.stage):
        parts = [_taken(material, case, calls) for calls in group]
        usage = sum((used for _, used, _ in parts), Usage())
        priced = [paid for _, _, paid in parts]
        paid = None if None in priced else sum(price or 0.0 for price in priced)
        yield StageEstimate(stage=stage, calls=round(sum(n for n, _, _ in parts)), **_tokens(usage), dollars=paid)


def _taken(material: Material, case: Case, calls: Calls) -> tuple[float, Usage, float | None]:
    """Calls, tokens and dollars of one role."""
    model = material.context.model_for(calls.role)
    count = calls.count * case.repairs
    read = count * (calls.input + shown_tokens(model, material.images))
    usage = Usage(
        input=round(read), cached=round(read * case.cached), output=round(count * calls.output * case.answers)
    )
    return count, usage, dollars(usage, price_of(model, material.context))


def seconds(material: Material, case: Case, until: Stage | None = None) -> float:
    """Of one call after the other where they wait for each other: files do along a chain of dependencies.

    Parts of the paper and batches of requirements are asked side by side.
    """
    chain = DEPTH * case.files ** (1 / 3)
    total = 0.0
    for calls in _calls(material, case, until):
        in_line = calls.count / case.files if calls.stage in PER_FILE else min(calls.count, 1.0 + case.revised)
        if calls.stage == "coding":
            in_line *= chain
        total += in_line * case.repairs * (SECONDS_BEFORE_A_TOKEN + calls.output * case.answers / TOKENS_A_SECOND)
    return total


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
    names = sorted({context.model_for(role) for role in ROLES})
    unknown = [name for name in names if price_of(name, context) is None]
    shown = count_tokens(material.shown_paper[0])
    basis = [
        f"{shown:,} tokens of paper, shown with every call, cut into {len(read_in(material))} parts to be read.",
        f"About {files} files, from the paper's length: the architecture decides.",
        _reviews(context),
        "What prompts add to the paper was measured; a model that reasons may write 2.5 times as much.",
        "75 % of the input from the provider's prefix cache, as measured; without such a cache the upper end.",
        "Time at 100 output tokens a second.",
    ]
    if context.figures:
        basis += _figures(material, names)
    if unknown:
        basis.append(f"The price of {', '.join(unknown)} is unknown: give it with --price IN,CACHED,OUT.")
    return tuple(basis)


def _reviews(context: Context) -> str:
    if not context.rounds or not context.critique:
        return "No critic is asked."
    stages = "every artifact" if len(context.critique) == len(CRITICISED) else ", ".join(context.critique)
    return (
        f"A critic for {stages}; assumed is that every other one is revised once, at most {context.rounds} times each."
    )
