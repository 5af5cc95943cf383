"""What publication says of the repository that it wrote."""

from pydantic import Field

from state.artifacts import Artifact


class Published(Artifact):
    """Where publication put the repository.  `commit` is empty where git is missing."""

    folder: str
    files: int
    commit: str = ""
    warnings: list[str] = Field(default_factory=list)
    runs: bool | None = Field(None, description="Of a repair: whether every step of a run goes well now.")
