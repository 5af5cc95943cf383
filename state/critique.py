"""The versions of an artifact, what was found in each, and which of them is the best."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from state.review import Finding

Ending = Literal["nothing to mend", "no rounds left", "no better"]


class Version(BaseModel):
    """What was found in one version: by checks, which cost nothing, and by a critic, if one was asked."""

    model_config = ConfigDict(frozen=True)

    checks: tuple[Finding, ...] = ()
    critique: tuple[Finding, ...] = ()
    reviewed: bool = False  # the critic has seen it
    note: str = ""  # why the critic's word is missing
    score: float | None = None  # share of the requirements that are met, from 0 to 1, where that is what is reviewed

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.checks + self.critique

    @property
    def to_mend(self) -> tuple[Finding, ...]:
        """Without the notes, which are not worth a revision."""
        return tuple(finding for finding in self.findings if not finding.is_note)

    @property
    def rank(self) -> tuple[float, ...]:
        """Smaller is better: failed checks, then unreviewed, then what is not met, then high and medium findings."""
        failed = sum(not finding.is_note for finding in self.checks)
        high, medium = (sum(f.severity == severity for f in self.critique) for severity in ("high", "medium"))
        return (failed, not self.reviewed, -(self.score or 0.0), high, medium)


class Critique(BaseModel):
    """The way of one artifact through its loop.  `best` is the position of the version that was kept."""

    model_config = ConfigDict(frozen=True)

    versions: tuple[Version, ...] = ()
    best: int = 0
    ended: Ending | None = None

    @property
    def kept(self) -> Version:
        return self.versions[self.best]

    @property
    def keeps_last(self) -> bool:
        return self.best == len(self.versions) - 1

    @property
    def open(self) -> tuple[Finding, ...]:
        """What the kept version still has, notes aside."""
        return self.kept.to_mend

    def with_version(self, version: Version, rounds: int) -> "Critique":
        """One version more; it is kept only if it is better than the best before it.

        `rounds` bounds the revisions that a critic asks for, and again those that checks ask for by themselves.
        """
        better = not self.versions or version.rank < self.kept.rank
        versions = (*self.versions, version)
        grown = Critique(versions=versions, best=len(versions) - 1 if better else self.best)
        return grown.model_copy(update={"ended": grown._ending(rounds)})

    def _ending(self, rounds: int) -> Ending | None:
        *before, last = self.versions
        if not self.open:
            return "nothing to mend"
        if not self.keeps_last:  # also where a critic repeats itself
            return "no better"
        spent = sum(version.reviewed == last.reviewed for version in before)
        return "no rounds left" if spent >= rounds else None
