"""The log as it grows: a test can wait for a moment, kill its client there, and see what was delivered."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks.simulator.prices import O3_MINI, cost
from benchmarks.simulator.process import ROOT, Simulator
from benchmarks.simulator.records import MOMENTS

Ask = Callable[..., httpx.Response]

CLIENT = """
import json, sys, urllib.request
url, stream = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for path in ("utils.py", "model.py", "main.py"):
    body = {"model": "o3-mini", "stream": stream == "True",
            "messages": [{"role": "user", "content": f"# Stage: coding of {path}"}]}
    request = urllib.request.Request(url + "/chat/completions", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    opener.open(request).read()
"""


@pytest.fixture
def slow_simulator() -> Iterator[Simulator]:
    with Simulator(files=5, scale=0.02) as running:
        yield running


def spawn(simulator: Simulator, *, stream: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", CLIENT, simulator.base_url, str(stream)]
    return subprocess.Popen(command, env=simulator.environment())


def kill(client: subprocess.Popen[bytes]) -> None:
    os.kill(client.pid, signal.SIGKILL)
    client.wait()


def settle(simulator: Simulator) -> None:
    while simulator.stats()["in_flight"]:
        time.sleep(0.01)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("moment", ["arrival", "first_byte"])
def test_a_client_killed_before_delivery(slow_simulator: Simulator, moment: str, stream: bool) -> None:
    client = spawn(slow_simulator, stream=stream)
    event = slow_simulator.wait_for(stage="coding", nth=2, moment="arrival" if moment == "arrival" else "first_byte")
    kill(client)
    assert event.file == "model.py"
    settle(slow_simulator)
    first, second = slow_simulator.records()
    assert (first.status, first.delivered, first.file) == (200, True, "utils.py")
    assert (second.status, second.delivered, second.fault, second.billed) == (499, False, "client_gone", True)


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_killed_after_delivery(slow_simulator: Simulator, stream: bool) -> None:
    client = spawn(slow_simulator, stream=stream)
    event = slow_simulator.wait_for(stage="coding", nth=2, moment="delivered")
    kill(client)
    settle(slow_simulator)
    assert [record.delivered for record in slow_simulator.records()][:2] == [True, True]
    assert event.sha == slow_simulator.records()[1].sha


def test_moments_come_in_order(simulator: Simulator, ask: Ask) -> None:
    known = len(simulator.events())
    ask("logic", stream=True)
    events = simulator.events()[known:]
    assert tuple(event.moment for event in events) == MOMENTS
    assert [event.t for event in events] == sorted(event.t for event in events)


def test_waiting_for_what_has_happened_returns_at_once(simulator: Simulator, ask: Ask) -> None:
    ask("analysis of utils.py")
    event = simulator.wait_for(stage="analysis", file="utils.py", turn="first", moment="delivered", timeout=0.1)
    assert (event.stage, event.file, event.moment) == ("analysis", "utils.py", "delivered")


def test_waiting_for_what_is_to_come(simulator: Simulator, ask: Ask) -> None:
    sender = threading.Timer(0.1, ask, ["configuration"])
    sender.start()
    assert simulator.wait_for(stage="configuration", moment="delivered").stage == "configuration"
    sender.join()


def test_waiting_in_vain(simulator: Simulator) -> None:
    with pytest.raises(TimeoutError):
        simulator.wait_for(stage="never", timeout=0.05)


def test_equal_prompts_have_equal_digests(simulator: Simulator, ask: Ask) -> None:
    ask(), ask(), ask("logic")
    one, two, three = simulator.records()[-3:]
    assert one.sha == two.sha != three.sha
    assert simulator.stats()["repeated"] == 1


def test_a_record_is_there_as_soon_as_its_answer(simulator: Simulator, ask: Ask) -> None:
    for stream in (False, True) * 5:
        before = len(simulator.records())
        ask(stream=stream)
        assert len(simulator.records()) == before + 1


def test_streams_carry_the_same_answer_and_usage(ask: Ask) -> None:
    whole = ask("logic").json()
    lines = ask("logic", stream=True, stream_options={"include_usage": True}).text.split("\n\n")
    assert lines[-2] == "data: [DONE]"
    chunks = [httpx.Response(200, text=line.removeprefix("data: ")).json() for line in lines[:-2]]
    content = "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
    assert content == whole["choices"][0]["message"]["content"]
    assert chunks[-1]["usage"]["completion_tokens"] == whole["usage"]["completion_tokens"]
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"


def test_several_choices(simulator: Simulator, ask: Ask) -> None:
    one, three = ask().json(), ask(n=3).json()
    assert len(three["choices"]) == 3
    assert three["usage"]["completion_tokens"] == 3 * one["usage"]["completion_tokens"]
    first, second = simulator.records()[-2:]
    assert second.sim_total - second.sim_ttft == pytest.approx(first.sim_total - first.sim_ttft)


def test_hidden_reasoning_is_billed_and_timed(client: httpx.Client) -> None:
    body = {"model": "o3-mini", "messages": [{"role": "user", "content": "# Stage: planning"}]}
    with Simulator(files=5, scale=0.001, reasoning_ratio=1.0) as thinking:
        client.post(f"{thinking.base_url}/chat/completions", json=body)
    (record,) = thinking.records()
    assert record.reasoning_tokens * 2 == record.output_tokens
    assert record.sim_total == pytest.approx(record.sim_ttft + 0.01 * record.output_tokens)


def test_no_more_requests_than_slots(client: httpx.Client) -> None:
    body = {"model": "o3-mini", "messages": [{"role": "user", "content": "# Stage: planning"}]}
    with Simulator(files=5, scale=0.002, max_concurrency=1) as narrow:
        url = f"{narrow.base_url}/chat/completions"
        threads = [threading.Thread(target=client.post, args=[url], kwargs={"json": body}) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    ends = [record.t_first for record in narrow.records()]
    starts = [record.t_start for record in narrow.records()]
    assert all(start and end and start > end for start, end in zip(starts[1:], ends, strict=False))


def test_the_cost_is_that_of_billed_tokens(simulator: Simulator, ask: Ask) -> None:
    ask(), ask()
    simulator.set_faults([{"kind": "http_500"}])
    ask()
    first, second, failed = records = simulator.records()[-3:]
    fresh = first.input_tokens + second.input_tokens - second.cached_tokens
    expected = fresh * O3_MINI.input + second.cached_tokens * O3_MINI.cached + 2 * first.output_tokens * O3_MINI.output
    assert cost(records) == pytest.approx(expected / 1e6)
    assert cost([failed]) == 0


def test_the_log_and_the_prompts_are_kept(tmp_path: Path, client: httpx.Client) -> None:
    body = {"model": "o3-mini", "messages": [{"role": "user", "content": "# Stage: planning"}]}
    with Simulator(files=5, scale=0.001, log=tmp_path / "log.jsonl", prompts=str(tmp_path / "prompts")) as running:
        client.post(f"{running.base_url}/chat/completions", json=body)
        assert client.get(f"{running.base_url}/models").json()["data"][0]["id"] == "o3-mini"
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 4
    assert len(running.records()) == 1
    assert "# Stage: planning" in (tmp_path / "prompts" / "00001.json").read_text()


def test_the_simulator_dies_with_its_parent() -> None:
    script = (
        "import os\nfrom benchmarks.simulator.process import Simulator\n"
        "print(Simulator(files=5).start()._process.pid, flush=True)\nos.kill(os.getpid(), 9)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    parent = subprocess.run([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
    child = Path(f"/proc/{int(parent.stdout)}/stat")
    for _ in range(500):
        if not child.exists() or child.read_text().split()[2] == "Z":
            return
        time.sleep(0.01)
    pytest.fail("the simulator outlived its parent")


@pytest.mark.parametrize("settings", [{"host": "0.0.0.0"}, {"files": 2}, {"scale": 0.0}])
def test_settings_that_make_no_sense(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"loopback|at least 5"):
        Simulator(**settings)  # type: ignore[arg-type]
