"""Which requirements the code meets, where, and how far the assessor can be believed."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from state.requirements import Specification

Judgement = Literal["met", "partial", "missing", "inapplicable"]
CREDIT: dict[Judgement, float] = {"met": 1.0, "partial": 0.5, "missing": 0.0, "inapplicable": 0.0}


class Verdict(BaseModel):
    """What the assessor says of one requirement.  With a `problem` its evidence does not hold, and nothing is met.

    `condition` are the requirement's own words for when it holds, where the run's scope rules that out.
    """

    model_config = ConfigDict(frozen=True)

    requirement: str
    judgement: Judgement
    file: str = ""
    line: int = 0  # counted from 1
    reason: str = ""
    problem: str = ""
    condition: str = ""

    @property
    def applies(self) -> bool:
        return self.judgement != "inapplicable" or bool(self.problem)

    @property
    def credit(self) -> float:
        return 0.0 if self.problem else CREDIT[self.judgement]


class Coverage(BaseModel):
    """The verdicts on all requirements, and on placebos: requirements of other papers, mixed in unmarked."""

    model_config = ConfigDict(frozen=True)

    verdicts: tuple[Verdict, ...] = ()
    placebos: tuple[Verdict, ...] = ()  # `requirement` holds the placebo's text

    def share(self, specification: Specification) -> float:
        """Weighted share of the applicable requirements that are met, from 0 to 1; 1 where nothing is required.

        Where none of those that there are applies, nothing is shown.
        """
        credit = {verdict.requirement: verdict.credit for verdict in self.verdicts}
        applicable = [one for one in specification.requirements if one.id not in self.inapplicable]
        met = sum(requirement.weight * credit.get(requirement.id, 0.0) for requirement in applicable)
        total = sum(requirement.weight for requirement in applicable)
        return met / total if total else float(not specification.requirements)

    @property
    def inapplicable(self) -> dict[str, str]:
        """The requirements that the run's scope takes no part in, with the condition that each states."""
        return {verdict.requirement: verdict.condition for verdict in self.verdicts if not verdict.applies}

    def held_to(self, first: "Coverage") -> "Coverage":
        """The same, with what applies as it was found `first`.

        That lies in requirement and scope, not in a version of the code: none gains by what a later answer leaves out.
        """
        before = {verdict.requirement: verdict for verdict in first.verdicts}
        held = (_held(verdict, before.get(verdict.requirement)) for verdict in self.verdicts)
        return self.model_copy(update={"verdicts": tuple(held)})

    @property
    def accepted_placebos(self) -> int:
        """How often the assessor found what no paper asked for and no code does."""
        return sum(verdict.credit > 0 for verdict in self.placebos)


def _held(verdict: Verdict, before: Verdict | None) -> Verdict:
    if before is None or before.applies == verdict.applies:
        return verdict
    return verdict.model_copy(update={"problem": "It was found to apply before."}) if before.applies else before
