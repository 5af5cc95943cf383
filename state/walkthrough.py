"""A walkthrough: the passages that matter, the code that carries them out, and a check of each on toy dimensions."""

from typing import Literal

from pydantic import Field

from state.artifacts import Artifact

NOTEBOOK = "walkthrough.ipynb"
"""The file, at the repository's root."""


class Passage(Artifact):
    """One stop: what the paper says, which symbols do it, and a check of that."""

    title: str
    source: list[str] = Field(min_length=1, description="ids of blocks of the paper, shown to the letter")
    symbols: list[str] = Field(min_length=1, description="`src/model.py::Ridge.fit`: shown to the letter, too")
    explanation: str
    check: str = Field(description="Python, a cell of a notebook")


class Walkthrough(Artifact):
    passages: list[Passage] = Field(min_length=1)

    @property
    def cells(self) -> list[str]:
        """The checks: one namespace, in this order."""
        return [passage.check for passage in self.passages]


Outcome = Literal["passed", "failed", "not run"]


class CellRun(Artifact):
    """What came of one cell."""

    outcome: Outcome = "not run"
    printed: str = ""
    value: str = Field("", description="The last expression, as Python shows it; empty if there is none, or None.")
    error: str = Field("", description="The exception's line, or why it did not end or did not run.")
    traceback: str = Field("", description="Frames in cells and in the repository's files; no path of this machine.")


class CellsReport(Artifact):
    """What came of all cells; without a containment none of them ran, for the reason that `unexecuted` gives."""

    cells: list[CellRun] = Field(default_factory=list)
    containment: str = ""
    unexecuted: str = ""

    @property
    def passed(self) -> int:
        return sum(cell.outcome == "passed" for cell in self.cells)

    @property
    def words(self) -> str:
        """`5 of 6 checks passed in bubblewrap 0.11.0`."""
        if self.unexecuted:
            return f"none of {len(self.cells)} checks was run: {self.unexecuted}"
        return f"{self.passed} of {len(self.cells)} checks passed in {self.containment}"


class Walked(Artifact):
    """A walkthrough and what came of its cells: what the notebook is made of."""

    walkthrough: Walkthrough
    report: CellsReport

    @property
    def pairs(self) -> list[tuple[Passage, CellRun]]:
        """Each passage with what came of its check."""
        return list(zip(self.walkthrough.passages, self.report.cells, strict=True))
