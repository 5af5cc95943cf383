"""The walkthrough between its guide and the sandbox: each version is run, and what fails goes back."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from langgraph.runtime import Runtime

from agents.author import Author
from agents.model import ask
from papercoder.checks.rules import finding
from papercoder.execution.stable import settled
from state.context import Context
from state.critique import Critique, Version
from state.review import Finding
from state.walkthrough import NOTEBOOK, CellsReport, Walked, Walkthrough

Run = Callable[[list[str]], Awaitable[CellsReport]]


@dataclass(frozen=True)
class Guided:
    """What the loop works on.  `versions` are all of them, in their order, with what came of their cells."""

    run: Runtime[Context]
    author: Author[Walkthrough]
    run_cells: Run
    versions: list[Walked] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        return self.run.context.rounds

    @property
    def subject(self) -> tuple[str, str]:
        return "walkthrough", ""

    async def write(self) -> Walkthrough:
        return await ask(self.run, self.author.question)

    async def review(self, artifact: Walkthrough, before: Critique) -> Version:
        """The free checks, then the cells themselves.  Where nothing can be run, the note says why."""
        walked = Walked(walkthrough=artifact, report=await self.run_cells(artifact.cells))
        self.versions.append(walked)
        checks = (*self.author.check(artifact), *_lost(self.versions[0], walked), *_failed(walked))
        why = walked.report.unexecuted
        return Version(checks=checks, reviewed=not why, note=f"Its checks were not run: {why}" if why else "")

    async def revise(self, artifact: Walkthrough, version: Version, number: int) -> Walkthrough:
        found = [f.model_copy(update={"problem": f"{f.problem}\n{f.evidence}".strip()}) for f in version.to_mend]
        return await ask(self.run, self.author.revising(artifact, found, number))


def _lost(first: Walked, now: Walked) -> Iterator[Finding]:
    """A passage whose check failed is mended, not left out."""
    shown = {anchor for passage in now.walkthrough.passages for anchor in passage.source}
    for passage in first.walkthrough.passages:
        if not shown & set(passage.source):
            yield finding("lost-passage", NOTEBOOK, f"The passage is gone: {', '.join(passage.source)}.",
                          location=passage.title)  # fmt: skip


def _failed(walked: Walked) -> Iterator[Finding]:
    for number, (passage, run) in enumerate(walked.pairs, 1):
        if run.outcome == "failed":
            found = finding(
                "failed-check", NOTEBOOK, f"Check {number} failed: {settled(run.error)}", location=passage.title
            )
            printed = f"It had printed:\n{run.printed}" if run.printed else ""
            said = "\n".join(part.strip() for part in (run.traceback, printed) if part)
            yield found.model_copy(update={"evidence": settled(said)})
