"""Who writes an artifact: the question, and what a review of the answer needs to know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from agents.question import Question
from agents.revision import revision
from papercoder.edits import EditError, apply_edits, has_edits, parse_edits
from papercoder.models.answers import AnswerError, Parser, strip_reasoning
from state.requirements import Requirement
from state.review import Finding

T = TypeVar("T")

VERSIONS = 21
"""The most that a loop of ten rounds can make; the versions after a person's words are counted from there on."""


@dataclass(frozen=True)
class Author(Generic[T]):
    """`instructions` are what the question asks for, without the form of its answer; `lead` is what stands before them
    in the question's task.  `check` costs nothing; a critic holds the artifact against `requirements`.
    """

    question: Question[T]
    instructions: str
    shown: Callable[[T], str]
    check: Callable[[T], Sequence[Finding]]
    requirements: Sequence[Requirement] = ()
    lead: str = ""
    answered: Callable[[str], str] = str  # a text that `shown` made, as the answer that would have given it
    written: T | None = None  # it is there already, and only reviewed
    called: str = ""  # by edits of it; empty: by its stage

    def revising(self, artifact: T, findings: Sequence[Finding], number: int) -> Question[T]:
        """The question for version `number`, with an earlier one and what was found in it."""
        before = self.shown(artifact)
        asked = self.question
        name = self.called or asked.stage
        return replace(
            asked,
            task=asked.task + revision(findings, before, name),
            round=asked.round + number,
            parse=whole_or_edited(asked.parse, before, name, self.answered),
            fan_out=False,
            optional=True,
        )

    def beginning_with(self, artifact: T, findings: Sequence[Finding], number: int) -> "Author[T]":
        """The same author, whose first version, `number`, is a revision of an artifact that was finished before."""
        question = replace(self.revising(artifact, findings, number), optional=self.question.optional)
        return replace(self, question=question, written=None)


def whole_or_edited(parse: Parser[T], before: str, name: str, answered: Callable[[str], str]) -> Parser[T]:
    """A parser of answers that give the artifact anew, or edits of its text: where little changes, that is cheaper."""

    def read(text: str) -> T:
        answer = strip_reasoning(text)
        if not has_edits(answer):
            return parse(text)
        try:
            edited = apply_edits({name: before}, parse_edits(f"FILE: {name}\n{answer}")).files.get(name, before)
        except EditError as error:
            raise AnswerError(str(error)) from error
        return parse(answered(edited))

    return read
