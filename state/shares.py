"""Shares as people read them."""

import math


def percent(share: float) -> str:
    """`62 %`, rounded down: nothing short of all is 100 %."""
    return f"{math.floor(100 * share + 1e-9)} %"
