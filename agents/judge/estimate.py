"""What an evaluation takes, counted on the prompts as they will be sent; no model is asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.context import Material
from agents.judge import leaves, pairs, samples
from agents.judge.bench import Bench, Files
from agents.question import Question
from agents.specifier import consolidation_of, read_in, survey_of
from papercoder.evaluation.pairs import CRITERIA, Criterion
from papercoder.evaluation.repository import read_repository
from papercoder.evaluation.requirements import Listed, read_any, read_text, rubric_of
from papercoder.evaluation.rubric import RubricNode, code_development, everything
from papercoder.evaluation.rubric import leaves as leaves_of
from papercoder.models.prices import dollars, price_of
from papercoder.models.tokens import count_tokens
from state.context import Context
from state.evaluation import EvaluationRequest
from state.ledger import Usage
from state.paper import Paper

ANSWER_TOKENS = {"specification": 2_500, "judging": 1_000, "grading": 250, "comparing": 1_500}
"""Of one answer, without hidden reasoning."""
UNKNOWN_LEAVES, UNKNOWN = 40, "One thing that the paper asks for, in a sentence or two, with its quantities. " * 2
"""Of a rubric that is still to be made."""


@dataclass(frozen=True)
class Takes:
    """`dollars`: with everything but the first prompt's beginning from the provider's cache, and with nothing."""

    calls: int
    input: int
    output: int
    dollars: tuple[float, float] | None


def takes(paper: Paper, context: Context, request: EvaluationRequest) -> Takes:
    """Raises `InputError` where something cannot be read."""
    bench = Bench(Material(context=context, paper=paper), *_read(request))
    calls, whole, seen = 0, Usage(), set[str]()
    for question, times in _questions(bench, request):
        prefix, fresh = count_tokens(question.prefix), question.prefix not in seen
        size = prefix + count_tokens(question.system) + count_tokens(question.task)
        answers = ANSWER_TOKENS[question.stage] * times
        calls, whole = calls + times, whole + Usage(input=size * times, cached=prefix * (times - fresh), output=answers)
        seen.add(question.prefix)
    price = price_of(context.model_for("judge"), context)
    least, most = dollars(whole, price), dollars(whole.model_copy(update={"cached": 0}), price)
    both = (least, most) if least is not None and most is not None else None
    return Takes(calls, whole.input, whole.output, both)


def _read(request: EvaluationRequest) -> tuple[tuple[Files, ...], Files]:
    """The repositories, and the authors' own."""
    folders = [read_repository(Path(folder)).files for folder in request.repositories]
    return tuple(folders), read_repository(Path(request.gold)).files if request.gold else {}


def _questions(bench: Bench, request: EvaluationRequest) -> Iterator[tuple[Question[Any], int]]:
    """Each question, and how often it is asked."""
    for protocol in request.chosen:
        if protocol in ("reference-free", "reference-based"):
            yield samples.questions(bench, protocol, 1)[0], request.samples
        elif protocol == "comparison":
            asked = pairs.questions(bench, _criteria(bench, request), 1)
            yield from ((question, request.samples) for question in asked)
        else:
            if not request.rubric:
                yield from ((question, 1) for question in _reading(bench))
            keep = code_development if request.code_dev else everything
            found = leaves_of(_rubric(bench, request), keep)
            seen = [leaf for leaf in found if leaves.can_be_seen(leaf, bench)]
            yield from ((question, 1) for question in leaves.questions(bench, seen))


def _reading(bench: Bench) -> Iterator[Question[Any]]:
    """The specifier's: part by part, then all parts together."""
    yield from (survey_of(bench.material, part) for part in read_in(bench.material))
    yield consolidation_of(bench.material, [])


def _criteria(bench: Bench, request: EvaluationRequest) -> Sequence[Criterion]:
    if not request.rubric:
        return CRITERIA
    found = leaves_of(_rubric(bench, request), code_development)
    return [Criterion(id=leaf.key, text=leaf.node.requirements, weight=1) for leaf in found]


def _rubric(bench: Bench, request: EvaluationRequest) -> RubricNode:
    """The rubric that was given; else one of the usual size, which says nothing yet."""
    title = bench.material.paper.title
    if request.rubric:
        return read_any(read_text(Path(request.rubric)), title, request.rubric)
    unknown = [Listed(f"R{number}", "method", UNKNOWN, (), "", 1) for number in range(UNKNOWN_LEAVES)]
    return rubric_of(title, unknown)
