"""Who writes an artifact: the question, and what a review of the answer needs to know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from agents.revision import revision
from agents.session import Question
from state.requirements import Requirement
from state.review import Finding

T = TypeVar("T")


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
    written: T | None = None  # it is there already, and only reviewed

    def revising(self, artifact: T, findings: Sequence[Finding], number: int) -> Question[T]:
        """The question for version `number`, with an earlier one and what was found in it."""
        task = self.question.task + revision(findings, self.shown(artifact))
        return replace(self.question, task=task, round=self.question.round + number, fan_out=False, optional=True)
