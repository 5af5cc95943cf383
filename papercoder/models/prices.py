"""What a model costs and how much it reads, from `genai-prices`' offline table.

A model that is not in the table costs "unknown": it never stops a run (a money cap does, until a price is given).
"""

from functools import cache
from typing import TYPE_CHECKING

from state.context import ROLES, Context, Price
from state.errors import InputError
from state.ledger import Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

DEFAULT_WINDOW = 128_000
"""Assumed where neither the table nor the user says how much a model reads."""

_SAMPLE = 1000
"""Tokens that prices are read off with: small enough to lie below every surcharge for long prompts."""


@cache
def find_price(model: str) -> Price | None:
    """Dollars per million tokens of `provider:name`; None if the table does not know it."""
    fresh = _calculate(model, input_tokens=_SAMPLE, output_tokens=_SAMPLE)
    cached = _calculate(model, input_tokens=_SAMPLE, cache_read_tokens=_SAMPLE)
    if fresh is None or cached is None:
        return None
    scale = 1_000_000 / _SAMPLE
    return Price(
        input=float(fresh.input_price) * scale,
        cached=float(cached.input_price) * scale,
        output=float(fresh.output_price) * scale,
    )


@cache
def find_window(model: str) -> int | None:
    """Tokens that `provider:name` reads at once; None if the table does not know."""
    found = _calculate(model, input_tokens=1)
    return found.model.context_window if found else None


def _calculate(model: str, **tokens: int) -> "PriceCalculation | None":
    from genai_prices import Usage as PricedUsage
    from genai_prices import calc_price

    provider, _, name = model.partition(":")
    try:
        return calc_price(PricedUsage(**tokens), name, provider_id=provider)
    except LookupError:
        return None


def price_of(model: str, context: Context) -> Price | None:
    if model.startswith("replay:"):
        return Price(input=0, cached=0, output=0)
    return context.price or find_price(model)


def window_of(model: str, context: Context) -> int:
    return context.context_window or (find_window(model) or DEFAULT_WINDOW)


def dollars(usage: Usage, price: Price | None) -> float | None:
    if price is None:
        return None
    fresh = max(0, usage.input - usage.cached)  # some endpoints count cached tokens beside the input, not in it
    return (fresh * price.input + usage.cached * price.cached + usage.output * price.output) / 1_000_000


def refuse_unknown_price(context: Context) -> None:
    if context.budget.dollars is None:
        return
    for model in {context.model_for(role) for role in ROLES}:
        if price_of(model, context) is None:
            raise InputError(
                f"The price of {model} is unknown, so a budget in dollars cannot be kept.",
                "Give it in dollars per million tokens: --price INPUT,OUTPUT (or INPUT,CACHED,OUTPUT).",
            )
