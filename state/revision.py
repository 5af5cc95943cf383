"""What the user of a finished repository wants to be different, and what came of it."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from state.artifacts import OpenChoice
from state.body import Body
from state.review import Finding

MOST_CHARACTERS = 8_000
"""Of a remark: it is shown whole."""

IN_SHORT = 100
"""Characters of a remark where there is one line for it."""


class Deviation(BaseModel):
    """What the user decided against the paper."""

    model_config = ConfigDict(frozen=True)

    paper: str  # what the paper says
    here: str  # what is done instead
    reason: str  # the user's own words
    where: str = ""  # the stage, requirement or file

    @property
    def choice(self) -> OpenChoice:
        """As one of an artifact's choices, which people and models read."""
        return OpenChoice(
            question=f"The paper: {self.paper}",
            choice=self.here,
            alternatives=["as the paper says"],
            reason=f"the user asked for it: “{self.reason}”",
        )


class Before(BaseModel):
    """The code before a revision, and what checks found in it: the revision does not have to mend that."""

    model_config = ConfigDict(frozen=True)

    files: dict[str, str]  # path → SHA-256
    known: tuple[Finding, ...] = ()


class Revision(BaseModel):
    """One remark and what came of it.  `before` names a `Before`; there is none where nothing was changed."""

    model_config = ConfigDict(frozen=True)

    remark: str
    answer: str = ""  # what the reviser says to the user
    artifacts: tuple[str, ...] = ()  # the stages whose artifact was revised
    requirements: tuple[str, ...] = ()  # ids of those that read otherwise, or are new
    files: tuple[str, ...] = ()  # written again, edited, or new
    removed: tuple[str, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    before: Body | None = None
    published: bool = Field(False, description="It is in the repository.")

    @property
    def carried_out(self) -> bool:
        return self.before is not None

    @property
    def in_short(self) -> str:
        """The remark on one line."""
        line = " ".join(self.remark.split())
        return line if len(line) <= IN_SHORT else line[: IN_SHORT - 1].rstrip() + "…"


def carried_out(revisions: Iterable[Revision]) -> list[Revision]:
    return [revision for revision in revisions if revision.carried_out]


def deviations(revisions: Iterable[Revision]) -> tuple[Deviation, ...]:
    """All that was decided against the paper."""
    return tuple(deviation for revision in revisions for deviation in revision.deviations)
