"""Asking a judge many questions of which some may stay without a usable answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from langgraph.runtime import Runtime

from agents.events import emit_event
from agents.model import ask, surrender
from agents.question import Question
from graph.batches import bounded
from papercoder.evaluation.scoring import Invalid
from state.context import Context
from state.errors import AnswerUnusable
from state.events import FileFinished, Warned

T = TypeVar("T")

AHEAD = 2
"""Questions made for each that may be in flight: enough that no place stays empty, too few to fill the memory."""


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """The answer to one question, or why there is none.  `file` and `sample` are the question's."""

    file: str
    sample: int
    answer: T | None
    reason: str = ""

    @property
    def invalid(self) -> Invalid:
        return Invalid(about=_name(self.file, self.sample), reason=self.reason)


Outcomes = Sequence[Outcome[T]]


def _name(file: str, sample: int) -> str:
    """`reference-free`, `reference-free (2)`, …: how people tell one answer from the others."""
    return f"{file} ({sample + 1})" if sample else file


def any_usable(outcomes: Outcomes[T]) -> bool:
    return any(outcome.answer is not None for outcome in outcomes)


async def all_answers(
    runtime: Runtime[Context],
    make: Callable[[], Iterator[Question[T]]],
    enough: Callable[[Outcomes[T]], bool] = any_usable,
) -> list[Outcome[T]]:
    """An outcome for every question.  `AnswerUnusable` if there are questions, and not enough of them are answered."""

    async def one(question: Question[T]) -> Outcome[T]:
        outcome = await _outcome(runtime, question)
        finished = FileFinished(stage=question.stage, file=_name(question.file, question.sample))
        emit_event(runtime.stream_writer, finished)
        return outcome

    outcomes = await bounded(make(), one, AHEAD * runtime.context.concurrency)
    if outcomes and not enough(outcomes):
        for question in make():
            await surrender(runtime, question)
        raise _no_score(outcomes)
    return outcomes


def _no_score(outcomes: Outcomes[T]) -> AnswerUnusable:
    unusable = [outcome.reason for outcome in outcomes if outcome.answer is None]
    return AnswerUnusable(
        f"{len(unusable)} of the judge's {len(outcomes)} answers could not be used, and without them there is no "
        f"score. The last: {unusable[-1]}",
        "Ask again, perhaps with another model: papercoder resume RUN --model PROVIDER:NAME",
    )


async def _outcome(runtime: Runtime[Context], question: Question[T]) -> Outcome[T]:
    try:
        answer: T = await ask(runtime, question)
        return Outcome(question.file, question.sample, answer)
    except AnswerUnusable as error:
        emit_event(runtime.stream_writer, Warned(text=f"counted as invalid: {error.cause}"))
        return Outcome(question.file, question.sample, None, error.cause)
