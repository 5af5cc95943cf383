"""What a user who turns LangSmith on finds there, what never gets there, and that a run does not depend on it."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.store.memory import InMemoryStore

from graph.pipeline import build
from state.context import Context
from state.errors import InputError

KEY = "lsv2_pt_canary0123456789abcdef"
SENTENCE = "estimate the mean of a noisy signal"
FILES = {"utils.py", "dataset_loader.py", "model.py", "trainer.py", "main.py"}


def settings(url: str) -> dict[str, str]:
    return {
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_API_KEY": KEY,
        "LANGSMITH_ENDPOINT": url,
        "LANGSMITH_PROJECT": "my papers",
    }


def test_a_run_is_found_by_stage_role_and_file(desk, langsmith) -> None:
    process = desk.ends(0, *desk.run_options(), **settings(langsmith.url))
    root = langsmith.named(f"papercoder {process.run}")[0]
    calls = [run for run in langsmith.runs if run["run_type"] == "llm"]
    assert process.err == ""
    assert process.event("run_finished")["totals"]["calls"] == len(calls)
    assert {run["name"] for run in calls} >= {"planning", "logic"} | {f"coding {file}" for file in FILES}
    assert {run["session_name"] for run in langsmith.runs} == {"my papers"}
    assert all(run["end_time"] and run["trace_id"] == root["id"] for run in langsmith.runs)
    assert all(f"run:{process.run}" in run["tags"] for run in langsmith.runs)
    call = langsmith.named("coding model.py")[0]
    assert {"stage:coding", "role:coder", "file:model.py"} <= set(call["tags"])
    assert above(call, langsmith.runs) == ["writing", "coding of model.py", "coding", f"papercoder {process.run}"]


def above(run: dict[str, Any], runs: list[dict[str, Any]]) -> list[str]:
    """The names of what a traced run stands in, from the inside out."""
    parent = next((other for other in runs if other["id"] == run["parent_run_id"]), None)
    return [parent["name"], *above(parent, runs)] if parent else []


def test_a_call_shows_attempt_prompt_tokens_and_cost(desk, langsmith) -> None:
    desk.simulator.set_faults([{"stage": "planning", "nth": 1, "kind": "wrong_json"}])
    process = desk.ends(0, *desk.run_options(), **settings(langsmith.url))
    first, second = (run["extra"]["metadata"] for run in langsmith.named("planning") if run["run_type"] == "llm")
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert {first["prompt_digest"], second["prompt_digest"]} <= {call.digest for call in desk.calls("answered")}
    costs = [run["extra"]["metadata"]["usage_metadata"]["total_cost"] for run in langsmith.runs
             if run["run_type"] == "llm"]  # fmt: skip
    assert sum(costs) == pytest.approx(process.event("run_finished")["totals"]["dollars"])


def test_an_answer_out_of_the_journal_is_no_model_s_run(desk, langsmith) -> None:
    desk.simulator.set_faults([{"stage": "coding", "file": "main", "kind": "http_400"}])
    stopped = desk.ends(5, *desk.run_options())
    desk.simulator.set_faults([])
    desk.ends(0, "resume", stopped.run, "--json", **settings(langsmith.url))
    recalled = [run for run in langsmith.runs if "recalled" in run["tags"]]
    assert {run["name"] for run in recalled} == {f"recalled coding {file}" for file in FILES - {"main.py"}}
    assert {run["run_type"] for run in recalled} == {"chain"}
    assert [run["name"] for run in langsmith.runs if run["run_type"] == "llm"] == ["coding main.py"]
    assert recalled[0]["outputs"]["usage"]["output"] > 0


def test_the_paper_stays_here_unless_it_is_asked_for(desk, langsmith_server) -> None:
    without, whole = langsmith_server(), langsmith_server()
    desk.ends(0, *desk.run_options(), **settings(without.url))
    desk.ends(0, *desk.run_options(output="two"), **settings(whole.url), PAPERCODER_TRACE_PAPERS="true")
    assert SENTENCE.encode() not in without.said
    assert str(desk.folder).encode() not in without.said
    assert b"characters, not traced" in without.said
    assert SENTENCE.encode() in whole.said


@pytest.mark.long
@pytest.mark.long
def test_prompts_and_answers_are_hidden_where_langsmith_is_told_so(desk, langsmith) -> None:
    hide = {"LANGSMITH_HIDE_INPUTS": "true", "LANGSMITH_HIDE_OUTPUTS": "true"}
    desk.ends(0, *desk.run_options(), **settings(langsmith.url), **hide)
    assert len(langsmith.runs) > len(FILES)
    assert all(not run.get("inputs") and not run.get("outputs") for run in langsmith.runs)


# --- where LangSmith fails


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of an endpoint that accepts a connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.long
def test_an_endpoint_that_is_down_is_said_once(desk) -> None:
    _stands(desk, "http://127.0.0.1:9", "do not reach LangSmith")


@pytest.mark.parametrize("status", [401, pytest.param(500, marks=pytest.mark.long)])
def test_an_endpoint_that_refuses_is_said_once(status: int, desk, langsmith) -> None:
    langsmith.status = status
    _stands(desk, langsmith.url, "do not reach LangSmith")


@pytest.mark.long
@pytest.mark.long
def test_an_endpoint_that_says_nothing_is_not_waited_for(desk, silent: str) -> None:
    _stands(desk, silent, "do not reach LangSmith")


@pytest.mark.long
def test_the_process_ends_although_an_endpoint_says_nothing(desk, silent: str) -> None:
    _stands(desk, silent, "do not reach LangSmith", cold=True)


def test_a_redirect_is_not_followed_with_the_key(desk, langsmith_server: Callable) -> None:
    langsmith, elsewhere = langsmith_server(), langsmith_server()
    langsmith.status, langsmith.location = 307, elsewhere.url + "/runs/multipart"
    _stands(desk, langsmith.url, "do not reach LangSmith")
    assert elsewhere.requests == []


def test_tracing_without_a_key_sends_nothing_and_says_so(desk, langsmith) -> None:
    _stands(desk, langsmith.url, "there is no LANGSMITH_API_KEY", LANGSMITH_API_KEY="")
    assert langsmith.requests == []


def _stands(desk, url: str, warning: str, *, cold: bool = False, **environment: str) -> None:
    """The run comes to its end, with one warning and not a word anywhere else."""
    process = desk.ends(0, *desk.run_options(), cold=cold, **(settings(url) | environment))
    warnings = [event["text"] for event in process.events if event["kind"] == "warned"]
    assert len(warnings) == 1
    assert warning in warnings[0]
    assert KEY not in process.out
    assert process.err == ""
    assert process.events[-1]["kind"] == "run_finished"


# --- where it is off

_HOOK = """
import os, sys

def seen(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        where = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments
        with open(os.environ["SEEN"], "a") as file:
            file.write(f"{event} {where!r}\\n")

sys.addaudithook(seen)
"""


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, marks=pytest.mark.long, id="nothing set"),
        pytest.param({"LANGSMITH_API_KEY": KEY}, id="only a key", marks=pytest.mark.long),
        pytest.param({"LANGSMITH_API_KEY": KEY, "LANGSMITH_TRACING": "false"}, marks=pytest.mark.long, id="off"),
    ],
)
def test_a_run_speaks_to_the_model_s_endpoint_and_to_nobody_else(
    environment: dict[str, str], desk, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(_HOOK)
    seen = tmp_path / "seen"
    desk.ends(0, *desk.run_options(), cold=True, PYTHONPATH=str(tmp_path), SEEN=str(seen), **environment)
    port = int(desk.simulator.base_url.split(":")[2].split("/")[0])
    lines = seen.read_text().splitlines()
    assert f"socket.connect ('127.0.0.1', {port})" in lines
    assert all(f"'127.0.0.1', {port}" in line for line in lines), set(lines)


# --- in a LangGraph server, which loads the graph and has no home folder of ours


async def test_a_server_s_runs_are_traced_the_same_way(langsmith, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in settings(langsmith.url).items():
        monkeypatch.setenv(name, value)
    graph = build()
    graph.store = InMemoryStore()  # as the server does
    with pytest.raises(InputError, match="There is no paper"):
        await graph.ainvoke({"output": "/srv/private/out"}, context=Context())
    assert graph.config
    for tracer in graph.config["callbacks"]:
        tracer.client.flush(5)
        tracer.client.close(0)
    root = langsmith.runs[0]
    reading = next(run for run in langsmith.runs if run["name"] == "reading")
    assert (root["name"], reading["parent_run_id"]) == ("papercoder", root["id"])
    assert "There is no paper" in reading["error"]
    assert b"/srv/private" not in langsmith.said
    assert root["session_name"] == "my papers"


def test_a_server_without_tracing_has_no_tracer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_API_KEY", KEY)
    monkeypatch.delenv("LANGSMITH_TRACING", raising=False)
    assert not (build().config or {}).get("callbacks")
