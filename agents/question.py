"""A question to a model: what its role is shown, and how the answer is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from papercoder.models.answers import Parser
from papercoder.models.requests import Image, Message, Messages
from state.context import AnyRole, AnyStage

T = TypeVar("T")


def _no_objection(_: object) -> str:
    return ""


@dataclass(frozen=True)
class Question(Generic[T]):
    """One question to one role.  `prefix` is what its siblings share, `task` what is its own."""

    role: AnyRole
    stage: AnyStage
    system: str
    prefix: str
    task: str
    parse: Parser[T]
    file: str = ""
    round: int = 0
    sample: int = 0
    images: tuple[Image, ...] = ()  # before the prefix, the same for all of a run's questions
    fan_out: bool = False  # one of many that share the prefix and are asked at once
    shared: tuple[str, ...] = ()  # beginnings of `task` that some of them share, too, the shortest first
    heads: tuple[str, ...] = ()  # beginnings of `prefix` that others share which have another prefix
    schema: type[BaseModel] | None = None
    objections: Callable[[T], str] = _no_objection  # sent back once; if they stand, accepted with a warning
    trimmed: tuple[str, ...] = ()
    optional: bool = False  # the run goes on without an answer, and does not ask more often when it is resumed

    @property
    def about(self) -> str:
        return f"{self.stage} of {self.file}" if self.file else self.stage

    @property
    def opening(self) -> Messages:
        """The messages that it begins with."""
        return Message("system", self.system), Message("user", self.prefix + "\n" + self.task, self.images)
