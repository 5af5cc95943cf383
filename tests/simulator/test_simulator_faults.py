"""Fault rules: which requests they hit, what the client sees, what is billed."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from benchmarks.simulator.faults import KINDS, REFUSAL, Fault, FaultRules
from benchmarks.simulator.process import Simulator
from benchmarks.simulator.records import Record
from benchmarks.simulator.settings import Settings
from benchmarks.simulator.throttle import Throttle

Ask = Callable[..., httpx.Response]


def hits(rule: dict[str, Any], stages: list[str]) -> list[int]:
    rules = FaultRules([{"kind": "slow"} | rule])
    return [number for number, stage in enumerate(stages, start=1) if rules.pick(stage, stage + ".py")]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"stage": "coding"}, [2, 4, 6]),
        ({"stage": "coding", "nth": 2}, [4]),
        ({"nth": [1, 5]}, [1, 5]),
        ({"from_nth": 5}, [5, 6]),
        ({"every": 3}, [3, 6]),
        ({"times": 2}, [1, 2]),
        ({"file": "^log"}, [1, 3, 5]),
        ({"prob": 0.0}, []),
        ({"prob": 1.0}, [1, 2, 3, 4, 5, 6]),
        ({"turn": "repair"}, []),
        ({"model": "other"}, []),
    ],
)
def test_which_requests_a_rule_hits(rule: dict[str, Any], expected: list[int]) -> None:
    assert hits(rule, ["logic", "coding"] * 3) == expected


def test_the_first_rule_that_applies_wins_and_the_others_count() -> None:
    rules = FaultRules([{"kind": "http_500", "nth": 1}, {"kind": "refusal", "nth": 2}])
    picked = [rules.pick("coding", "a.py") for _ in range(3)]
    assert [fault.kind if fault else "" for fault in picked] == ["http_500", "refusal", ""]
    assert [state["applied"] for state in rules.state()] == [1, 1]


@pytest.mark.parametrize(
    "rule", [{"kind": "nonsense"}, {"kind": "malformed", "variant": "nonsense"}, {"kind": "http_200"}]
)
def test_unknown_kinds_are_refused(rule: dict[str, Any], simulator: Simulator) -> None:
    with pytest.raises(ValueError, match="unknown"):
        Fault(**rule)
    with pytest.raises(ValueError, match="unknown"):
        simulator.set_faults([rule])


def test_unknown_fields_are_refused(simulator: Simulator) -> None:
    with pytest.raises(ValueError, match="unexpected"):
        simulator.set_faults([{"kind": "slow", "nht": 2}])


@pytest.fixture
def fault(simulator: Simulator, ask: Ask) -> Callable[..., tuple[httpx.Response | Exception, Record]]:
    """Asks once under a rule: what the client got, and the record."""

    def ask_under(kind: str, *, stream: bool = False, **rule: Any) -> tuple[httpx.Response | Exception, Record]:
        simulator.set_faults([{"kind": kind} | rule])
        got: httpx.Response | Exception
        try:
            got = ask("coding of utils.py", stream=stream, stream_options={"include_usage": True})
        except httpx.HTTPError as error:
            got = error
        return got, simulator.records()[-1]

    return ask_under


FREE = {"http_429", "http_500", "http_503", "http_400", "context_length", "reset_before"}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", [*sorted(FREE - {"context_length", "reset_before"}), *KINDS])
def test_every_kind_is_logged_and_billed_as_the_provider_bills(fault: Any, kind: str, stream: bool) -> None:
    _, record = fault(kind, stream=stream, wall_s=0.01, factor=2, text="so what")
    assert record.fault == kind
    assert record.billed == (kind not in FREE)
    assert record.delivered == (kind not in FREE | {"reset", "truncated_body"})
    assert (record.output_tokens > 0) == (kind not in FREE | {"empty_content", "null_content"})


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503, 529])
def test_http_errors(fault: Any, status: int) -> None:
    response, record = fault(f"http_{status}", retry_after=7)
    assert response.status_code == record.status == status
    assert response.json()["error"]["message"] == "simulated fault"
    assert response.headers.get("Retry-After") == ("7" if status == 429 else None)


def test_a_prompt_that_is_too_long(fault: Any) -> None:
    response, _ = fault("context_length")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "context_length_exceeded")


@pytest.mark.parametrize("kind", ["reset_before", "reset", "truncated_body"])
def test_broken_connections(fault: Any, kind: str) -> None:
    got, record = fault(kind)
    if kind == "truncated_body":
        assert record.status == 200
        with pytest.raises(json.JSONDecodeError):
            got.json()
    else:
        assert isinstance(got, httpx.TransportError)
        assert record.status == 599


@pytest.mark.parametrize("kind", ["reset", "truncated_body"])
def test_broken_streams(fault: Any, kind: str) -> None:
    got, record = fault(kind, stream=True)
    assert record.status == 599
    assert isinstance(got, httpx.TransportError) or b"[DONE]" not in got.content


@pytest.mark.parametrize(
    ("kind", "content"),
    [("empty_content", ""), ("null_content", None), ("refusal", REFUSAL), ("replace", "so what"), ("malformed", "")],
)
def test_spoilt_contents(fault: Any, kind: str, content: str | None) -> None:
    response, _ = fault(kind, text="so what", variant="empty")
    assert response.json()["choices"][0]["message"]["content"] == content


def test_odd_bodies(fault: Any) -> None:
    assert fault("html_body")[0].text.startswith("<html>")
    assert fault("no_choices")[0].json()["choices"] == []
    assert fault("no_usage")[0].json()["usage"] is None
    assert "prompt_tokens_details" not in fault("no_usage_details")[0].json()["usage"]
    assert json.loads(fault("wrong_json")[0].json()["choices"][0]["message"]["content"])["status"] == "ok"


def test_a_cut_answer_says_so_and_can_be_continued(simulator: Simulator, ask: Ask) -> None:
    whole = ask("coding of utils.py").json()["choices"][0]
    simulator.set_faults([{"kind": "length", "frac": 0.4, "turn": "first"}])
    cut = ask("coding of utils.py").json()["choices"][0]
    assert (whole["finish_reason"], cut["finish_reason"]) == ("stop", "length")
    partial = cut["message"]["content"]
    turns = [{"role": "assistant", "content": partial}, {"role": "user", "content": "# Continue\n"}]
    rest = ask("coding of utils.py", turns=turns).json()["choices"][0]["message"]["content"]
    assert partial + rest == whole["message"]["content"]
    assert simulator.records()[-1].turn == "continuation"


def test_max_tokens_cuts_an_answer(ask: Ask) -> None:
    response = ask("coding of utils.py", max_completion_tokens=100).json()
    assert response["usage"]["completion_tokens"] == 100
    assert response["choices"][0]["finish_reason"] == "length"


def test_slow_answers_take_longer(fault: Any) -> None:
    _, slow = fault("slow", factor=3)
    _, normal = fault("no_usage")
    assert slow.sim_total == pytest.approx(3 * (normal.sim_total + 1e-4 * normal.cached_tokens))


def test_a_hang_ends_when_the_client_leaves(simulator: Simulator, ask: Ask, client: httpx.Client) -> None:
    simulator.set_faults([{"kind": "hang"}])
    client.timeout = httpx.Timeout(0.2)
    with pytest.raises(httpx.ReadTimeout):
        ask()
    while simulator.stats()["in_flight"]:
        time.sleep(0.01)
    record = simulator.records()[-1]
    assert (record.fault, record.status, record.billed) == ("hang", 499, False)


def test_rates_are_limited(client: httpx.Client) -> None:
    body = {"model": "o3-mini", "messages": [{"role": "user", "content": "# Stage: planning"}]}
    with Simulator(files=5, scale=0.001, rpm=0.01) as limited:
        response = client.post(f"{limited.base_url}/chat/completions", json=body)
    assert response.status_code == 429
    assert float(response.headers["Retry-After"]) > 0
    assert [record.fault for record in limited.records()] == ["throttled"]


def test_buckets_start_full_and_fill_up_again() -> None:
    throttle = Throttle(Settings(rpm=2, tpm=1000))
    assert [throttle.wait(400, now=0) for _ in range(3)] == [0, 0, 30]
    assert throttle.wait(400, now=15) == 15
    assert throttle.wait(400, now=30) == 0
    assert throttle.wait(5000, now=600) == 0
