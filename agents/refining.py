"""One artifact between its author and its critic: written, reviewed, and revised with what was found."""

import asyncio
from dataclasses import dataclass
from typing import Generic, TypeVar

from langgraph.runtime import Runtime

from agents import critic
from agents.author import Author
from agents.model import ask
from state.context import Context
from state.critique import Critique, Version
from state.errors import AnswerUnusable

T = TypeVar("T")


@dataclass(frozen=True)
class Authored(Generic[T]):
    """What the loop in `graph.refinement` works on: versions are counted from 0."""

    run: Runtime[Context]
    author: Author[T]

    @property
    def rounds(self) -> int:
        return self.run.context.rounds

    @property
    def subject(self) -> tuple[str, str]:
        """Stage and file."""
        return self.author.question.stage, self.author.question.file

    async def write(self) -> T:
        return self.author.written if self.author.written is not None else await ask(self.run, self.author.question)

    async def review(self, artifact: T, before: Critique) -> Version:
        """Checks first: they cost nothing, and what they refuse no critic is paid for."""
        checks = tuple(await asyncio.to_thread(self.author.check, artifact))
        if not self._has_critic or any(finding.severity == "high" for finding in checks):
            return Version(checks=checks)
        try:
            remarks = await ask(self.run, critic.critique(self.author, artifact, checks, before))
        except AnswerUnusable as error:
            return Version(checks=checks, note=error.cause)
        return Version(checks=checks, critique=critic.findings(remarks, self.author, artifact), reviewed=True)

    async def revise(self, artifact: T, version: Version, number: int) -> T:
        return await ask(self.run, self.author.revising(artifact, version.findings, number))

    @property
    def _has_critic(self) -> bool:
        return bool(self.rounds) and self.author.question.stage in self.run.context.critique
