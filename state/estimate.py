"""What a run will take, said before it begins."""

from pydantic import BaseModel, ConfigDict

from state.ledger import Totals


class Range(BaseModel):
    """The least and the most that is likely, and what is expected."""

    model_config = ConfigDict(frozen=True)

    low: float
    expected: float
    high: float


class StageEstimate(BaseModel):
    """One stage in the expected case."""

    model_config = ConfigDict(frozen=True)

    stage: str
    calls: int
    input: int
    cached: int
    output: int
    dollars: float | None = None


class Estimate(BaseModel):
    """Tokens, dollars (None: some price is unknown) and seconds of a whole run, and what that is based on."""

    model_config = ConfigDict(frozen=True)

    files: Range
    calls: Range
    input: Range
    cached: Range
    output: Range
    dollars: Range | None
    seconds: Range
    stages: tuple[StageEstimate, ...]
    basis: tuple[str, ...]

    def off_by(self, totals: Totals) -> dict[str, float]:
        """How far what a run took is from what was expected: 0.1 is a tenth more; only what can be compared."""
        taken = {
            "calls": (float(totals.calls), self.calls.expected),
            "input tokens": (float(totals.usage.input), self.input.expected),
            "output tokens": (float(totals.usage.output), self.output.expected),
        }
        if self.dollars and self.dollars.expected and not totals.unpriced:
            taken["cost"] = (totals.dollars, self.dollars.expected)
        return {what: took / expected - 1 for what, (took, expected) in taken.items() if expected}
