"""Fault rules: which requests go wrong, and how.

A rule is a JSON object; the first one that applies wins.

Which requests: `stage`, `file` (a regular expression), `turn`, `model`; of those `nth` (a number or a list, from 1),
`from_nth`, `every`; `times` (at most so often), `prob` (seeded).

What happens, by `kind`, and whether the provider bills it:

| kind | what | billed |
|---|---|---|
| `http_429` (`retry_after`, or null), `http_500`, `http_400`, any `http_NNN`; `after_s`, `code` | an error | no |
| `context_length` | the prompt is too long | no |
| `reset_before` | the connection is reset before anything is sent | no |
| `hang` (`wall_s`) | nothing happens for so many wall seconds | not while it hangs |
| `slow` (`factor`) | latency times `factor` | yes |
| `reset` (`frac`) | the connection is reset in mid-answer | yes |
| `truncated_body` (`frac`) | the body ends early | yes |
| `html_body` | a gateway's page with status 200 | yes |
| `empty_content`, `null_content`, `wrong_json`, `refusal`, `no_choices` | an answer without the answer | yes |
| `no_usage`, `no_usage_details` | usage is missing | yes |
| `overrun` (`factor`) | so many times the answer's tokens are billed, whatever the request allows | yes |
| `malformed` (`variant`), `replace` (`text`) | see `malform` | yes |
| `length` (`frac`) | the answer is cut, `finish_reason` is `length` | yes |
"""

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.simulator import malform

KINDS = (
    *("context_length", "reset_before", "hang", "slow", "reset", "truncated_body", "html_body"),
    *("empty_content", "null_content", "wrong_json", "refusal", "replace", "malformed", "length"),
    *("no_choices", "no_usage", "no_usage_details", "overrun"),
)
REFUSAL = "I'm sorry, but I can't help with that."


@dataclass(frozen=True)
class Fault:
    """One rule; see the head of this module."""

    kind: str
    stage: str = ""
    file: str = ""
    turn: str = ""
    model: str = ""
    nth: int | list[int] | None = None
    from_nth: int = 0
    every: int = 0
    times: int | None = None
    prob: float | None = None
    retry_after: float | None = 1
    after_s: float = 0.2
    code: str = ""
    wall_s: float = 3600
    factor: float = 20
    frac: float = 0.5
    variant: str = "truncate"
    text: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS and not re.fullmatch(r"http_[45]\d\d", self.kind):
            raise ValueError(f"unknown kind of fault {self.kind!r}; known: http_NNN, {', '.join(KINDS)}")
        if self.variant not in malform.VARIANTS and self.variant != "truncate":
            raise ValueError(f"unknown variant {self.variant!r}; see benchmarks.simulator.malform.VARIANTS")

    @property
    def http_status(self) -> int | None:
        return int(self.kind.removeprefix("http_")) if self.kind.startswith("http_") else None

    def concerns(self, stage: str, file: str, turn: str, model: str) -> bool:
        named = (self.stage in ("", stage)) and (self.turn in ("", turn)) and (self.model in ("", model))
        return named and bool(re.search(self.file, file))

    def falls_on(self, seen: int, applied: int) -> bool:
        """Whether the `seen`-th request that this rule concerns is one that it hits."""
        numbers = [self.nth] if isinstance(self.nth, int) else self.nth
        return (
            (numbers is None or seen in numbers)
            and seen >= self.from_nth
            and not (self.every and seen % self.every)
            and (self.times is None or applied < self.times)
        )

    def spoil(self, content: str) -> str | None:
        """What is left of an answer's text."""
        fixed = {"empty_content": "", "null_content": None, "refusal": REFUSAL, "replace": self.text}
        if self.kind in fixed:
            return fixed[self.kind]
        if self.kind in ("malformed", "length"):
            return malform.apply(self.variant, content, self.frac)
        return malform.apply("wrong_json", content) if self.kind == "wrong_json" else content


NO_FAULT = Fault("slow", factor=1)
"""What a request without a fault gets."""


@dataclass
class _Count:
    seen: int = 0
    applied: int = 0


class FaultRules:
    """The rules in force, with how often each was met and applied."""

    def __init__(self, rules: Iterable[Mapping[str, Any]], seed: int = 0) -> None:
        self.rules = [Fault(**rule) for rule in rules]
        self._counts = [_Count() for _ in self.rules]
        self._random = random.Random(seed)

    def pick(self, stage: str, file: str, turn: str = "first", model: str = "") -> Fault | None:
        """The fault of this request; rules behind the one that applies still count it."""
        hit: Fault | None = None
        for rule, count in zip(self.rules, self._counts, strict=True):
            if not rule.concerns(stage, file, turn, model):
                continue
            count.seen += 1
            if hit is None and rule.falls_on(count.seen, count.applied) and self._chance(rule):
                count.applied += 1
                hit = rule
        return hit

    def state(self) -> list[dict[str, Any]]:
        return [asdict(rule) | asdict(count) for rule, count in zip(self.rules, self._counts, strict=True)]

    def _chance(self, rule: Fault) -> bool:
        return rule.prob is None or self._random.random() < rule.prob
