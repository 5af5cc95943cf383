"""What the simulated provider charges."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.simulator.records import Record


@dataclass(frozen=True)
class Price:
    """Dollars a million tokens."""

    input: float
    cached: float
    output: float


O3_MINI = Price(input=1.10, cached=0.55, output=4.40)
"""The list price of o3-mini."""


def cost(records: Iterable[Record], price: Price = O3_MINI) -> float:
    """Dollars for what the provider bills: also answers that never reached the client."""
    return sum(_dollars(record, price) for record in records if record.billed)


def _dollars(record: Record, price: Price) -> float:
    fresh = record.input_tokens - record.cached_tokens
    return (fresh * price.input + record.cached_tokens * price.cached + record.output_tokens * price.output) / 1e6
