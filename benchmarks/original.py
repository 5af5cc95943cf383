"""Figures of Paper2Code's own code, the pipeline that this project reimplements.

They were measured on the same provider model (latency, prefix cache, price of o3-mini, answers of the same sizes), with
the paper "Attention Is All You Need".
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Original:
    """One run; `makespan` and `critical_path` in simulated seconds."""

    calls: int
    input_tokens: int
    dollars: float
    makespan: float
    critical_path: float


ORIGINAL = {
    5: Original(14, 234_000, 0.257, 230, 147),
    10: Original(24, 478_000, 0.483, 417, 179),
    20: Original(44, 1_175_000, 1.055, 804, 238),
    40: Original(84, 3_408_000, 2.659, 1_577, 330),
}
