"""The debugger: mends the files of a repository that do not fit each other (Paper2Code, section 4.3)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from langgraph.runtime import Runtime

from agents.context import Material
from agents.editing import Code, edits_question
from agents.model import ask
from papercoder.checks import check_repository
from state.context import Context
from state.critique import Critique, Version
from state.review import Finding


@dataclass(frozen=True)
class Integrated:
    """The code as a whole, held against the design by checks, and mended by edits; what is `known` is left alone."""

    run: Runtime[Context]
    material: Material
    code: Code
    known: tuple[Finding, ...] = ()

    @property
    def rounds(self) -> int:
        return self.run.context.repairs

    @property
    def subject(self) -> tuple[str, str]:
        return "integration", ""

    async def write(self) -> Code:
        return self.code

    async def review(self, code: Code, before: Critique) -> Version:
        return Version(checks=beyond(self.known, await checked(self.material, code)))

    async def revise(self, code: Code, version: Version, number: int) -> Code:
        question = edits_question(
            "debugger", "integration", "repair_of_code", self.material, code, version.to_mend, number
        )
        return await ask(self.run, question)


async def checked(material: Material, code: Code) -> tuple[Finding, ...]:
    """What checks find in the repository as a whole."""
    found: Sequence[Finding] = await asyncio.to_thread(check_repository, code, material.design)
    return tuple(found)


def beyond(known: Sequence[Finding], found: Sequence[Finding]) -> tuple[Finding, ...]:
    """What was not known before, wherever it stands now."""
    before = {(one.rule, one.file, one.problem) for one in known}
    return tuple(one for one in found if (one.rule, one.file, one.problem) not in before)
