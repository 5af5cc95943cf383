"""The versions of an artifact, what was found in each, and which of them is the best."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from state.review import Finding

Ending = Literal["nothing to mend", "no rounds left", "no better"]

OF_A_RUN = "execution-"
"""How the rules of findings begin that running the repository made."""


class Version(BaseModel):
    """What was found in one version: by checks, which cost nothing, and by a critic, if one was asked."""

    model_config = ConfigDict(frozen=True)

    checks: tuple[Finding, ...] = ()
    critique: tuple[Finding, ...] = ()
    reviewed: bool = False  # the critic has seen it
    note: str = ""  # why the critic's word is missing
    reached: int | None = None  # steps that went well, where the repository was run
    made_of: str = ""  # a digest of what was run
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
        """Smaller is better: failed checks, then unreviewed, then what is not met, then high and medium findings.

        Of what is run, what gets further is better than what fails less often at an earlier step; but nothing that
        is wrong by itself is better than what is not.
        """
        failed = sum(not finding.is_note for finding in self.checks)
        high, medium = (sum(f.severity == severity for f in self.critique) for severity in ("high", "medium"))
        ran = (self._broken, -self.reached) if self.reached is not None else (0, 0)
        return (*ran, failed, not self.reviewed, -(self.score or 0.0), high, medium)

    @property
    def _broken(self) -> int:
        return sum(f.severity == "high" and not f.rule.startswith(OF_A_RUN) for f in self.checks)

    @property
    def failures(self) -> frozenset[tuple[str, str, str]]:
        """What went wrong when it was run, wherever it stands now."""
        ran = (finding for finding in self.checks if finding.rule.startswith(OF_A_RUN))
        return frozenset((f.rule, f.location, f.problem.partition("\n")[0]) for f in ran)


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
        better = not self.versions or version.rank < self.kept.rank or self._mends_one_for_another(version)
        versions = (*self.versions, version)
        grown = Critique(versions=versions, best=len(versions) - 1 if better else self.best)
        return grown.model_copy(update={"ended": grown._ending(rounds)})

    def _mends_one_for_another(self, version: Version) -> bool:
        """It fails as often and as early, but of something that nobody has seen yet: behind one bug stood another."""
        seen = [failure for earlier in self.versions for failure in earlier.failures]
        return version.rank == self.kept.rank and bool(version.failures) and version.failures.isdisjoint(seen)

    def _ending(self, rounds: int) -> Ending | None:
        *before, last = self.versions
        if not self.open:
            return "nothing to mend"
        if last.reached is None and not self.keeps_last:  # also where a critic repeats itself
            return "no better"
        if last.made_of and last.made_of in [version.made_of for version in before]:
            return "no better"
        spent = sum(version.reviewed == last.reviewed for version in before)
        return "no rounds left" if spent >= rounds else None
