"""Which requirements the code meets, where, and how far the assessor can be believed."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from state.requirements import Specification

Judgement = Literal["met", "partial", "missing"]
CREDIT: dict[Judgement, float] = {"met": 1.0, "partial": 0.5, "missing": 0.0}


class Verdict(BaseModel):
    """What the assessor says of one requirement.  With a `problem` its evidence does not hold, and nothing is met."""

    model_config = ConfigDict(frozen=True)

    requirement: str
    judgement: Judgement
    file: str = ""
    line: int = 0  # counted from 1
    reason: str = ""
    problem: str = ""

    @property
    def credit(self) -> float:
        return 0.0 if self.problem else CREDIT[self.judgement]


class Coverage(BaseModel):
    """The verdicts on all requirements, and on placebos: requirements of other papers, mixed in unmarked."""

    model_config = ConfigDict(frozen=True)

    verdicts: tuple[Verdict, ...] = ()
    placebos: tuple[Verdict, ...] = ()  # `requirement` holds the placebo's text

    def share(self, specification: Specification) -> float:
        """Weighted share of the requirements that are met, from 0 to 1; 1 where nothing is required."""
        credit = {verdict.requirement: verdict.credit for verdict in self.verdicts}
        total = sum(requirement.weight for requirement in specification.requirements)
        met = sum(requirement.weight * credit.get(requirement.id, 0.0) for requirement in specification.requirements)
        return met / total if total else 1.0

    @property
    def accepted_placebos(self) -> int:
        """How often the assessor found what no paper asked for and no code does."""
        return sum(verdict.credit > 0 for verdict in self.placebos)
