"""What a model call is, and what became of it: the rows of the ledger."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Usage(BaseModel):
    """Tokens of one call.  `cached` is the part of `input` that the provider had in its prefix cache."""

    model_config = ConfigDict(frozen=True)

    input: int = 0
    cached: int = 0
    output: int = 0
    estimated: bool = False  # the provider sent no usage: counted by us

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            input=self.input + other.input,
            cached=self.cached + other.cached,
            output=self.output + other.output,
            estimated=self.estimated or other.estimated,
        )


CallState = Literal["open", "answered", "failed", "abandoned"]
"""open: in flight.  abandoned: was in flight when its process died; nobody knows whether it was billed.
failed: without an answer; its usage is what it may have cost at most, and nothing where the provider refused it."""


class LedgerEntry(BaseModel):
    """One request to a provider."""

    model_config = ConfigDict(frozen=True)

    stage: str
    file: str = ""
    role: str
    round: int = 0
    sample: int = 0
    attempt: int = 1
    model: str
    state: CallState
    usage: Usage = Usage()
    seconds: float = 0.0
    dollars: float | None = None  # None: the price is unknown
    finish_reason: str = ""
    error: str = ""
    trimmed: tuple[str, ...] = ()


class Totals(BaseModel):
    """The ledger added up."""

    calls: int = 0
    failed: int = 0
    abandoned: int = 0
    usage: Usage = Usage()
    dollars: float = 0.0
    unpriced: int = 0  # answered calls whose price is unknown
    lost: int = 0  # failed or abandoned calls that may be on the bill all the same
    lost_dollars: float = 0.0  # what these may cost at most: the bill is between `dollars` and both together

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            calls=self.calls + other.calls,
            failed=self.failed + other.failed,
            abandoned=self.abandoned + other.abandoned,
            usage=self.usage + other.usage,
            dollars=self.dollars + other.dollars,
            unpriced=self.unpriced + other.unpriced,
            lost=self.lost + other.lost,
            lost_dollars=self.lost_dollars + other.lost_dollars,
        )

    @classmethod
    def of(cls, entries: list[LedgerEntry]) -> "Totals":
        answered = [entry for entry in entries if entry.state == "answered"]
        lost = [entry for entry in entries if entry.state in ("failed", "abandoned") and entry.usage.input]
        return cls(
            calls=len(answered),
            failed=sum(entry.state == "failed" for entry in entries),
            abandoned=sum(entry.state == "abandoned" for entry in entries),
            usage=sum((entry.usage for entry in answered), Usage()),
            dollars=sum(entry.dollars or 0.0 for entry in answered),
            unpriced=sum(entry.dollars is None for entry in answered),
            lost=len(lost),
            lost_dollars=sum(entry.dollars or 0.0 for entry in lost),
        )
