"""The shared state of the pipeline: what a checkpoint holds.

Small artifacts stand here in full, so that Studio shows and edits them.  Texts (the paper, analyses, code, files of
a base repository) are bodies in the store; the state carries their hashes, so that a checkpoint's size does not
depend on them.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from state.artifacts import Architecture, Body, Configuration, LogicDesign, Plan, Published


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
    warnings: tuple[str, ...] = ()


def merge(left: dict[str, Body], right: dict[str, Body] | None) -> dict[str, Body]:
    """Later bodies replace earlier ones of the same path; None clears."""
    return {} if right is None else {**left, **right}


class PipelineInput(TypedDict, total=False):
    """A paper as a path, an arXiv id, an https address or as text (Markdown or LaTeX), and where the repository goes.

    `supplements` are further files of the same paper, named as `source` is.
    """

    source: str
    supplements: list[str]
    text: str
    base: str
    output: str


class PipelineState(PipelineInput, total=False):
    paper: PaperSummary
    base_files: Annotated[dict[str, Body], merge]
    plan: Plan
    architecture: Architecture
    logic: LogicDesign
    configuration: Configuration
    analyses: Annotated[dict[str, Body], merge]
    code: Annotated[dict[str, Body], merge]
    published: Published
