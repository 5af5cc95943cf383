"""What a run of the repository can have mended: texts, and what they are held against."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.author import VERSIONS
from agents.context import Material
from agents.debugger import beyond, checked
from agents.editable_texts import taken_in, texts_of
from agents.editing import Code
from agents.premises import Premises, of_design
from agents.question import Question
from agents.tester import mending
from state.execution import ExecutionReport
from state.review import Finding

Execute = Callable[[Material, Code], Awaitable[ExecutionReport]]
"""Runs what publication would make of these."""


class Mendable(Protocol):
    """A repository as texts that a repair may change: one that a run is making, or one that was there before."""

    @property
    def first(self) -> Code: ...
    async def execute(self, texts: Code) -> ExecutionReport: ...
    async def broken(self, texts: Code) -> tuple[Finding, ...]:
        """What checks find that they did not find in the first version."""
        ...

    def premises(self, texts: Code) -> Premises: ...
    def code(self, texts: Code) -> Code:
        """What an arbiter may be shown as the code."""
        ...

    def mending(self, texts: Code, wrong: Sequence[Finding], number: int) -> Question[Code]:
        """The question to whoever wrote the tests; its answer holds tests alone."""
        ...

    def fits(self, texts: Code) -> object:
        """Raises ValueError where they are not what they have to be."""
        ...


@dataclass(frozen=True)
class Designed:
    """The repository that a run is making: what is changed goes back into the design."""

    material: Material
    made: Code
    run_it: Execute

    @property
    def first(self) -> Code:
        return texts_of(self.material, self.made)

    async def execute(self, texts: Code) -> ExecutionReport:
        return await self.run_it(*self.fits(texts))

    async def broken(self, texts: Code) -> tuple[Finding, ...]:
        return await new_findings((self.material, self.made), self.fits(texts))

    def premises(self, texts: Code) -> Premises:
        return of_design(self.fits(texts)[0])

    def code(self, texts: Code) -> Code:
        return self.fits(texts)[1]

    def mending(self, texts: Code, wrong: Sequence[Finding], number: int) -> Question[Code]:
        material, _ = self.fits(texts)
        return mending(material, material.tests, wrong, material.revision * VERSIONS + number, "execution")

    def fits(self, texts: Code) -> tuple[Material, Code]:
        return taken_in(self.material, texts)


async def new_findings(first: tuple[Material, Code], now: tuple[Material, Code]) -> tuple[Finding, ...]:
    """What checks find now that they did not find in the first version."""
    if first == now:
        return ()
    return beyond(await checked(*first), await checked(*now))
