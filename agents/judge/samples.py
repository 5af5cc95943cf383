"""Reference-free and reference-based judgement, as the Paper2Code paper defines them."""

from collections.abc import Sequence
from dataclasses import replace

from agents.judge.bench import Bench, shown
from agents.judge.packing import Packed, by_kind, halves, packed, size
from agents.question import Question
from papercoder.models.answers import json_answer
from prompts import describe, render
from state.evaluation import Protocol
from state.judgements import Judgement, ReferencedJudgement

TARGET_SHARE = 0.6
"""Of the room for code, where both repositories do not fit: what is judged before what it is judged by."""


def questions(bench: Bench, protocol: Protocol, samples: int) -> list[Question[Judgement]]:
    """The same question `samples` times: each is answered by itself."""
    referenced = protocol == "reference-based"
    target, gold = _packed(bench, referenced)
    form: type[Judgement] = ReferencedJudgement if referenced else Judgement
    first = Question[Judgement](
        role="judge",
        stage="judging",
        file=protocol,
        system=bench.system,
        prefix=_prefix(bench, target, gold),
        task=render(
            "judging",
            protocol=protocol,
            referenced=referenced,
            answer_form=render("json_form", form=describe(form)),
        ),
        parse=json_answer(form),
        schema=form,
        fan_out=True,
        trimmed=(*bench.trimmed, *left_out(target, gold)),
        optional=True,
    )
    return [replace(first, sample=sample) for sample in range(samples)]


def _packed(bench: Bench, referenced: bool) -> tuple[Packed, Packed | None]:
    target = bench.repositories[0]
    if not referenced:
        return packed(target, by_kind(target), bench.room), None
    room, rest = halves(size(target), size(bench.gold), bench.room, TARGET_SHARE)
    return packed(target, by_kind(target), room), packed(bench.gold, by_kind(bench.gold), rest)


def _prefix(bench: Bench, target: Packed, gold: Packed | None) -> str:
    authors = [shown("The gold repository, the authors' own", gold)] if gold else []
    return "\n".join([bench.paper, *authors, shown("The repository to judge", target)])


def left_out(target: Packed, gold: Packed | None) -> Sequence[str]:
    return (*target.trimmed, *(f"of the gold repository {what}" for what in (gold.trimmed if gold else ())))
