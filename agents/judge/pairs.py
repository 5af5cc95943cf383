"""Two repositories judged side by side, blind, in both orders."""

from collections.abc import Callable, Iterator, Sequence

from agents.judge.bench import Bench, shown
from agents.judge.packing import Packed, by_kind, halves, packed, size
from agents.question import Question
from papercoder.evaluation.pairs import Criterion, Order
from papercoder.models.answers import json_answer
from prompts import describe, quoted, render
from state.judgements import PairJudgement

ORDERS: tuple[Order, ...] = Order.__args__  # type: ignore[attr-defined]
BATCH = 20
"""Criteria that one question asks about."""


def questions(bench: Bench, criteria: Sequence[Criterion], samples: int) -> Iterator[Question[PairJudgement]]:
    """For each batch of criteria and each sample, one question in each order."""
    both = tuple(_both(bench))
    trimmed = (*bench.trimmed, *both[0].trimmed, *both[1].trimmed)
    for order in ORDERS:
        prefix = _prefix(bench, both if order == "AB" else both[::-1])
        for number, batch in enumerate(batches_of(criteria), start=1):
            for sample in range(samples):
                yield Question(
                    role="judge",
                    stage="comparing",
                    file=name_of(order, number),
                    sample=sample,
                    system=bench.system,
                    prefix=prefix,
                    task=_task(order, number, batch),
                    parse=json_answer(PairJudgement, _all_of(batch)),
                    schema=PairJudgement,
                    fan_out=True,
                    heads=(bench.paper,),
                    trimmed=trimmed,
                    optional=True,
                )


def name_of(order: Order, batch: int) -> str:
    """What such a question is filed under."""
    return f"{order.lower()}-{batch}"


def batches_of(criteria: Sequence[Criterion]) -> list[Sequence[Criterion]]:
    return [criteria[start : start + BATCH] for start in range(0, len(criteria), BATCH)]


def _both(bench: Bench) -> list[Packed]:
    one, other = bench.repositories
    rooms = halves(size(one), size(other), bench.room)
    return [packed(files, by_kind(files), room) for files, room in zip((one, other), rooms, strict=True)]


def _prefix(bench: Bench, both: tuple[Packed, ...]) -> str:
    first, second = (
        shown(f"The {which} repository", files) for which, files in zip(("first", "second"), both, strict=True)
    )
    return "\n".join([bench.paper, first, second])


def _task(order: Order, batch: int, criteria: Sequence[Criterion]) -> str:
    return render(
        "comparing",
        about=name_of(order, batch),
        criteria=[(criterion.id, quoted("requirement", criterion.text)) for criterion in criteria],
        answer_form=render("json_form", form=describe(PairJudgement)),
    )


def _all_of(criteria: Sequence[Criterion]) -> Callable[[PairJudgement], None]:
    asked = [criterion.id for criterion in criteria]

    def check(judgement: PairJudgement) -> None:
        named = [preference.criterion for preference in judgement.preferences]
        if sorted(named) != sorted(asked):
            raise ValueError(f"name each of these criteria once and no other: {', '.join(asked)}")

    return check
