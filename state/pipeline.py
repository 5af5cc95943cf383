"""The shared state of the pipeline: what a checkpoint holds.

Small artifacts stand here in full, so that Studio shows and edits them.  Texts (the paper, analyses, code, files of
a base repository) are bodies in the store; the state carries their hashes, so that a checkpoint's size does not
depend on them.
"""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from state.architecture import Architecture
from state.assessment import Coverage
from state.body import Body
from state.configuration import Configuration
from state.execution import Execution
from state.logic import LogicDesign
from state.paper import ImageRef, ShownFigure
from state.plan import Plan
from state.published import Published
from state.requirements import Specification
from state.review import Review
from state.revision import MOST_CHARACTERS, Revision

T = TypeVar("T")


EXAMPLE = """# A Small Estimator

Ada Author

## 1 Method

The mean of a noisy signal of $n$ samples is estimated by

$$ \\hat{\\mu} = \\frac{\\alpha}{n} \\sum_{i=1}^{n} x_i \\tag{1} $$

where $\\alpha$ is learned by gradient descent with a rate of 0.1 for 100 steps.

## 2 Experiments

Table 1: Mean squared error over five seeds, on 64 samples of a standard normal signal.

| method | error |
|---|---|
| plain mean | 0.31 |
| ours | 0.12 |
"""
"""A paper to try Studio's form with."""


class PaperSummary(BaseModel):
    """What reading found; the paper itself is the body."""

    model_config = ConfigDict(frozen=True)

    title: str
    format: str
    body: Body
    sections: int
    equations: int
    tables: int
    algorithms: int
    figures: int
    references: int
    images: tuple[ImageRef, ...] = Field((), description="All that its figures have; their bytes are in the store.")
    shown: tuple[ShownFigure, ...] = Field((), description="What models see of them, where `figures` is set.")
    warnings: tuple[str, ...] = ()


def merge(left: dict[str, T], right: Mapping[str, T | None] | None) -> dict[str, T]:
    """Later values replace earlier ones of the same key; None instead of a value removes it, alone it clears."""
    return {} if right is None else {key: value for key, value in {**left, **right}.items() if value is not None}


def joined(left: list[str], right: list[str] | None) -> list[str]:
    """What is not there yet comes last; None clears."""
    return [] if right is None else list(dict.fromkeys([*left, *right]))


class Upload(BaseModel):
    """A paper as a client sends it.  Reading moves it into the store; the state forgets it."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="The file's name: its ending says the format.", examples=["paper.pdf"])
    base64: str = Field(description="The file's bytes in base64; a data: URL will do.")


class PaperInput(TypedDict, total=False):
    """A paper in one of three forms: `text`, `upload` or `source`."""

    text: Annotated[str, Field(description="The paper itself, as Markdown or LaTeX.", examples=[EXAMPLE])]
    upload: Annotated[Upload | None, Field(description="The paper as an uploaded file: PDF, archive of LaTeX, …")]
    source: Annotated[str, Field(description="The paper's arXiv id, its https address, or its path on this machine.")]
    supplements: Annotated[list[str], Field(description="Further files of the same paper, named as `source` is.")]


class PipelineInput(PaperInput, total=False):
    """A paper, and where the repository goes; of a finished repository, what shall be different."""

    base: Annotated[str, Field(description="A folder with a repository to build on. Default: none.")]
    output: Annotated[str, Field(description="The folder to write. Default: one in the home folder, named by the run.")]
    remark: Annotated[
        str, Field(description="When the run is finished: what shall be different.", max_length=MOST_CHARACTERS)
    ]


class PipelineState(PipelineInput, total=False):
    lineage: Annotated[list[str], joined]  # the runs whose answers this state was made of: a copied thread has several
    paper: PaperSummary
    base_files: Annotated[dict[str, Body], merge]
    base_packages: Body | None  # requirements.txt of the base repository as a repair left it; None: as it came
    specification: Specification
    plan: Plan
    architecture: Architecture
    logic: LogicDesign
    configuration: Configuration
    reviews: Annotated[dict[str, Review], merge]  # stage → what its author has to mend
    critiques: Annotated[dict[str, Body], merge]  # stage, or stage of file → how its artifact came about
    analyses: Annotated[dict[str, Body], merge]
    tests: Annotated[dict[str, Body], merge]  # written from the paper, under the paths they are published at
    code: Annotated[dict[str, Body], merge]
    execution: Execution
    coverage: Coverage
    revisions: list[Revision]  # what was asked for since, the oldest first
    notebook: Body | None  # the walkthrough and what came of its checks; None where there is none
    published: Published


def revisions_of(state: PipelineState) -> list[Revision]:
    """Those asked for so far, carried out or not."""
    return [Revision.model_validate(revision) for revision in state.get("revisions") or []]


def revision_at_work(state: PipelineState) -> Revision | None:
    """The one that is carried out and not published yet."""
    newest = revisions_of(state)[-1:]
    return newest[0] if newest and newest[0].carried_out and not newest[0].published else None


def review_of(state: PipelineState, stage: str) -> Review:
    """The review of a stage's artifact; an empty one if there was none."""
    reviews: dict[str, Any] = state.get("reviews") or {}
    return Review.model_validate(reviews.get(stage, Review()))
