"""Under errors, repair turns, continuations and lost answers, with 16 calls in flight: the provider's bill keeps to
the cap."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

STORM: list[dict[str, Any]] = [
    {"kind": "http_500", "prob": 0.02},
    {"kind": "http_502", "prob": 0.02},
    {"kind": "http_503", "prob": 0.02},
    {"kind": "reset", "prob": 0.05},
    {"kind": "length", "prob": 0.1, "turn": "first", "frac": 0.5},
    {"kind": "malformed", "variant": "truncated_half", "prob": 0.1, "turn": "first"},
]


def tokens(desk) -> float:
    return sum(record.input_tokens + record.output_tokens for record in desk.requests() if record.billed)


def money(desk) -> float:
    return float(desk.bill())


@pytest.fixture
def large_desk(desk_at, tmp_path: Path) -> Iterator[Any]:
    desk = desk_at(tmp_path / "desk", files=20)
    yield desk
    for process in desk.processes:
        process.wait()


CAPS = [("--budget", money, cap) for cap in (0.12, 0.2, 0.3, 0.4, 0.5)]
CAPS += [("--budget-tokens", tokens, cap) for cap in (60_000, 120_000, 180_000, 240_000)]


@pytest.mark.parametrize(("option", "spent", "cap"), [
    pytest.param(*case, marks=pytest.mark.long) for case in CAPS
])  # fmt: skip
def test_a_storm_does_not_carry_the_bill_over_the_cap(
    large_desk, option: str, spent: Callable[..., float], cap: float
) -> None:
    large_desk.simulator.set_faults(STORM)
    ended = large_desk.ends(4, *large_desk.run_options(), "--max-output-tokens", 4000, option, cap)
    assert 0 < spent(large_desk) <= cap
    totals = ended.event("run_failed")["totals"]
    assert totals["dollars"] <= large_desk.bill() <= (totals["dollars"] + totals["lost_dollars"]) * (1 + 1e-9)

    large_desk.simulator.set_faults([])
    before = len(large_desk.requests())
    answered = {(call.digest, call.attempt) for call in large_desk.calls("answered")}
    large_desk.ends(0, "resume", option, 100 * cap, "--json")
    later = large_desk.calls()[before:]
    assert not answered.intersection((call.digest, call.attempt) for call in later)
    assert len(large_desk.calls()) == len(large_desk.requests())


@pytest.mark.parametrize("kind", ["no_usage", pytest.param("no_usage_details", marks=pytest.mark.long)])
def test_a_cap_holds_where_the_provider_does_not_say_what_it_billed(large_desk, kind: str) -> None:
    large_desk.simulator.set_faults([{"kind": kind}])
    large_desk.ends(4, *large_desk.run_options(), "--max-output-tokens", 4000, "--budget", 0.3)
    assert 0 < large_desk.bill() <= 0.3


@pytest.mark.parametrize("faults", [
    [{"stage": "logic", "kind": "hang"}],
    pytest.param([{"stage": "logic", "kind": "http_429", "retry_after": 250}], marks=pytest.mark.long),
])  # fmt: skip
def test_a_budget_of_time_ends_a_run_whose_provider_hangs(desk, reference, faults: list[dict[str, Any]]) -> None:
    run = desk.ends(10, *desk.run_options(), "--until", "architecture").run
    desk.simulator.set_faults(faults)
    ended = desk.ends(4, "resume", run, "--budget-minutes", 0.05, "--json")  # long before the provider's time-out
    assert "0.05 minutes is spent" in ended.err
    assert [record.stage for record in desk.requests()].count("logic") == 1
    assert ended.event("run_failed")["totals"]["lost"] == (faults[0]["kind"] == "hang")

    desk.simulator.set_faults([])
    desk.ends(0, "resume", run, "--budget-minutes", 60, "--json")
    assert desk.tree() == reference.tree
    assert len(desk.requests()) == reference.requests + 1


@pytest.mark.long
def test_all_calls_in_flight_end_with_the_time_and_each_may_be_billed(desk, reference) -> None:
    run = desk.ends(10, *desk.run_options(), "--until", "configuration").run
    desk.simulator.set_faults([{"stage": "analysis", "kind": "hang", "from_nth": 2}])
    ended = desk.ends(4, "resume", run, "--budget-minutes", 0.07, "--json")
    hung = [record for record in desk.requests() if record.fault == "hang"]
    assert ended.event("run_failed")["totals"]["lost"] == len(hung) == 4
    desk.simulator.set_faults([])
    desk.ends(0, "resume", run, "--budget-minutes", 60, "--json")
    assert desk.tree() == reference.tree
    assert len(desk.requests()) == reference.requests + len(hung)
