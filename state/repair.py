"""What is repaired, and the state of the repair graph: what its checkpoints hold."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from state.body import Body
from state.execution import Execution
from state.pipeline import PaperInput, PaperSummary, joined, merge
from state.published import Published


class RepairRequest(BaseModel):
    """Which repository is repaired."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: str = Field(description="Its folder, which the edits are written back to.")
    has_paper: bool = Field(False, description="Whether a paper is given beside it.")


class RepairInput(PaperInput, total=False):
    """A repository, and a paper if there is one."""

    request: Annotated[RepairRequest, Field(description="The repository to repair, named by its folder.")]


class RepairState(RepairInput, total=False):
    lineage: Annotated[list[str], joined]
    paper: PaperSummary | None
    files: Body  # its texts as JSON: path → text
    mended: Body  # the texts that a repair may change, as JSON, after the last repair that is kept
    critiques: Annotated[dict[str, Body], merge]
    execution: Execution
    published: Published
