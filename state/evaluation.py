"""What is evaluated and how, and the state of the evaluation graph: what its checkpoints hold."""

from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from state.body import Body
from state.pipeline import PaperInput, PaperSummary, joined, merge
from state.published import Published

Protocol = Literal["reference-free", "reference-based", "rubric", "comparison"]
"""The first two as the Paper2Code paper defines them, the third as PaperBench does, the last our own."""

PROTOCOLS: tuple[Protocol, ...] = Protocol.__args__  # type: ignore[attr-defined]
SAMPLES = 8
"""As many as the Paper2Code paper draws."""


class EvaluationRequest(BaseModel):
    """Which repositories are judged, by what, and how often."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repositories: list[str] = Field(min_length=1, max_length=2, description="Folders: one, or two to compare.")
    gold: str = Field("", description="The folder of the authors' own repository, for reference-based judgement.")
    rubric: str = Field("", description="A rubric in PaperBench's format, or a list of requirements. Default: ours.")
    protocols: list[Protocol] = Field(default_factory=list, description="Default: what fits the folders given.")
    samples: int = Field(SAMPLES, ge=1, le=64, description="How often each judgement is asked for.")
    code_dev: bool = Field(False, description="Of a rubric, only what can be seen in code (PaperBench Code-Dev).")

    @model_validator(mode="after")
    def _protocols_have_what_they_need(self) -> "EvaluationRequest":
        chosen = self.chosen
        if ("comparison" in chosen) != (len(self.repositories) == 2):
            raise ValueError("a comparison takes two repositories, every other protocol one")
        if "comparison" in chosen and len(chosen) > 1:
            raise ValueError("a comparison is an evaluation of its own")
        if "reference-based" in chosen and not self.gold:
            raise ValueError("reference-based judgement needs the authors' repository")
        return self

    @property
    def chosen(self) -> tuple[Protocol, ...]:
        """In the order in which they are gone through."""
        asked = self.protocols or self._fitting()
        return tuple(protocol for protocol in PROTOCOLS if protocol in asked)

    @property
    def named(self) -> "EvaluationRequest":
        """With names in place of this machine's folders."""
        paths = {"gold": PurePath(self.gold).name, "rubric": PurePath(self.rubric).name}
        return self.model_copy(update=paths | {"repositories": [PurePath(path).name for path in self.repositories]})

    def _fitting(self) -> list[Protocol]:
        """Of what is given, everything; the reference-free protocol where nothing is."""
        if len(self.repositories) == 2:
            return ["comparison"]
        given: list[Protocol] = ["reference-based"] if self.gold else []
        if self.rubric:
            given.append("rubric")
        return given or ["reference-free"]


class EvaluationInput(PaperInput, total=False):
    """A paper, what is held against it, and where to report."""

    request: Annotated[EvaluationRequest, Field(description="Which repositories are judged, by what, how often.")]
    output: Annotated[str, Field(description="The folder of the report. Default: one in the home folder.")]


class EvaluationState(EvaluationInput, total=False):
    lineage: Annotated[list[str], joined]
    paper: PaperSummary
    repositories: list[Body]  # of each the files, as JSON: path → text
    gold: Body
    rubric: Body
    results: Annotated[dict[str, Body], merge]  # protocol → what came of it, as JSON
    published: Published
