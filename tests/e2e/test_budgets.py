"""Money and tokens: a budget is never overshot, and what nobody can price is said."""

from collections.abc import Callable

import pytest


def billed_tokens(desk) -> int:
    return sum(record.input_tokens + record.output_tokens for record in desk.requests() if record.billed)


@pytest.mark.parametrize(("option", "cap", "spent"), [
    ("--budget", 0.08, lambda desk: desk.bill()),
    pytest.param("--budget-tokens", 40_000, billed_tokens, marks=pytest.mark.long),
])  # fmt: skip
def test_a_budget_is_never_overshot_and_a_larger_one_goes_on(
    desk, reference, option: str, cap: float, spent: Callable[..., float]
) -> None:
    ended = desk.ends(4, *desk.run_options(), "--max-output-tokens", 4000, option, cap)
    assert "papercoder resume" in ended.err
    assert 0 < spent(desk) <= cap
    assert ended.event("run_failed")["totals"]["dollars"] == pytest.approx(desk.bill())
    assert desk.ends(4, "resume", "--json").event("run_failed")["totals"]["calls"] == len(desk.requests())
    desk.ends(0, "resume", option, 100 * cap, "--json")
    assert len(desk.requests()) == reference.requests
    assert desk.tree() == reference.tree


def test_a_budget_holds_across_a_kill(slow_desk) -> None:
    options = [*slow_desk.run_options(), "--max-output-tokens", 2600, "--budget", "0.15"]
    process = slow_desk.start(*options)
    slow_desk.wait_for("first_byte", "analysis", 5)
    process.kill()
    resumed = slow_desk.command("resume", "--json")
    assert resumed.wait() == 4
    assert slow_desk.bill() <= 0.15


def test_a_model_of_unknown_price_runs_but_not_under_a_cap(desk, reference) -> None:
    refused = desk.ends(3, *desk.run_options(model="openai:mystery"), "--budget", "1")
    assert "--price" in refused.err
    assert not desk.requests()
    process = desk.ends(0, *desk.run_options(model="openai:mystery"))
    assert process.event("run_finished")["totals"]["unpriced"] == reference.requests
    priced = desk.run_options(model="openai:mystery", output="priced")
    process = desk.ends(0, *priced, "--budget", "5", "--price", "1.10,0.55,4.40")
    assert process.event("run_finished")["totals"]["unpriced"] == 0


def test_what_a_message_asks_for_can_be_given_when_the_run_is_resumed(desk, reference) -> None:
    desk.ends(10, *desk.run_options(model="openai:mystery"), "--until", "planning")
    assert "--price" in desk.ends(3, "resume", "--budget", "5").err
    desk.simulator.set_faults([{"stage": "logic", "kind": "context_length"}])
    assert "--context-window" in desk.ends(5, "resume", "--budget", "5", "--price", "1.10,0.55,4.40").err
    desk.simulator.set_faults([])
    desk.ends(0, "resume", "--context-window", "64k", "--json")
    assert len(desk.requests()) == reference.requests + 1


def test_a_provider_that_reports_no_usage_is_counted_by_us(desk, reference) -> None:
    desk.simulator.set_faults([{"kind": "no_usage"}])
    process = desk.ends(0, *desk.run_options())
    usage = process.event("run_finished")["totals"]["usage"]
    assert usage["estimated"]
    assert usage["output"] == pytest.approx(sum(record.output_tokens for record in desk.requests()), rel=0.02)
    assert usage["input"] == pytest.approx(sum(record.input_tokens for record in desk.requests()), rel=0.02)
