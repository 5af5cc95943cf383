"""A repository's `results.json` beside what the paper reports."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from state.errors import ExecutionError
from state.plan import ExpectedResult

MAX_BYTES = 10_000_000

Verdict = Literal["reproduced", "off", "no tolerance", "stand-in", "not run"]

FELL_SHORT: tuple[Verdict, ...] = ("off", "stand-in", "not run")
"""What keeps a full run from being a success: it has shown something else than the paper, or has not shown it."""

MAX_NAME = 80


class Provenance(BaseModel):
    """What a measured number goes back to."""

    command: str
    commit: str = ""  # with `+changes` where the files were not those of the commit
    containment: str = ""
    seeds: str = ""  # as results.json or config.yaml gives them
    log: str = ""  # the file with what the command printed
    line: int = 0  # the line there that speaks of the number, counted from 1; 0: none does
    text: str = ""


class Comparison(BaseModel):
    """One number of the paper and what the repository measured."""

    expected: ExpectedResult
    measured: float | None = None
    spread: float | None = None
    runs: int = 0  # how many seeds or repetitions the measurement rests on
    stand_in: tuple[str, ...] = ()  # what it was measured without
    verdict: Verdict
    reason: str = ""
    provenance: Provenance | None = None

    @property
    def is_as_printed(self) -> bool:
        return self.measured is not None and is_same_as_printed(self.expected.value, self.measured)


def read_results(repository: Path) -> dict[str, Any]:
    """What the repository wrote.  It is foreign output: a link is not followed, a huge file not read."""
    file = repository / "results.json"
    if file.is_symlink() or not file.is_file():
        raise ExecutionError(f"{file} was not written.", "See what the run printed: the entry point must write it.")
    if file.stat().st_size > MAX_BYTES:
        raise ExecutionError(f"{file} is larger than {MAX_BYTES:,} bytes.", "It should hold a few numbers a result.")
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ExecutionError(f"{file} is not JSON: {error}.", "Look at the file.") from error
    if not isinstance(results, dict):
        raise ExecutionError(f"{file} is not a JSON object.", "It should map each result's key to its numbers.")
    return results


def compare(expected: Sequence[ExpectedResult], results: Mapping[str, Any]) -> list[Comparison]:
    """Each expected result with its measurement.

    Where the paper states no tolerance, nobody can say it is off; what was measured with a stand-in is not compared.
    """
    return [_compare(result, results.get(result.id)) for result in expected]


def _compare(expected: ExpectedResult, found: Any) -> Comparison:
    mean, spread, runs = _numbers(found)
    names = _stand_ins(found)
    verdict, reason = _judged(expected, mean)
    if names and mean is not None:
        verdict, reason = "stand-in", f"measured with what stands in for {', '.join(names)}"
    return Comparison(
        expected=expected, measured=mean, spread=spread, runs=runs, stand_in=names, verdict=verdict, reason=reason
    )


def _stand_ins(found: Any) -> tuple[str, ...]:
    """The names that an entry gives; whatever else is not empty there says as much, without a name."""
    named = found.get("stand_in") if isinstance(found, Mapping) else None
    if not named:
        return ()
    names = named if isinstance(named, list) else [named]
    return tuple(name[:MAX_NAME] if isinstance(name, str) else "something" for name in names)


def _judged(expected: ExpectedResult, mean: float | None) -> tuple[Verdict, str]:
    if mean is None:
        return "not run", "results.json has no number for it"
    off = mean - expected.value
    if expected.tolerance is None:
        digits = "the paper's number, to its last digit" if is_same_as_printed(expected.value, mean) else f"{off:+.3g}"
        return "no tolerance", f"{digits}; the paper does not say how close is close"
    if abs(off) <= expected.tolerance + 1e-9:
        return "reproduced", f"{off:+.3g}, within the paper's ±{expected.tolerance:g}"
    return "off", f"{off:+.3g}, beyond the paper's ±{expected.tolerance:g}"


def is_same_as_printed(printed: float, measured: float) -> bool:
    """Whether the measured number rounds to the printed one.

    How many zeros a paper prints after the point is lost: a whole number is taken to have one.
    """
    decimals = max(1, -int(Decimal(repr(printed)).as_tuple().exponent))
    return abs(measured - printed) <= 0.5 * 10.0**-decimals * (1 + 1e-9)


def _numbers(found: Any) -> tuple[float | None, float | None, int]:
    """Mean, spread and number of runs of one entry; a bare number is a mean of one run."""
    if isinstance(found, Mapping):
        runs = found.get("runs")
        return _number(found.get("mean")), _number(found.get("std")), len(runs) if isinstance(runs, list) else 0
    mean = _number(found)
    return mean, None, int(mean is not None)


def _number(value: Any) -> float | None:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if plain and value == value and abs(value) != float("inf") else None
