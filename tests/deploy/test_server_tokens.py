"""A server with `deploy/auth.py`: who sends no token gets nothing, and nobody sees what is another's."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
ADA, BEN, GUESSED = "ada-0123456789abcdef0123", "ben-0123456789abcdef0123", "short"
PATIENCE = 120.0


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real `langgraph dev`, started where its configuration is."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = str(Path(sys.executable).with_name("langgraph"))
    environment = os.environ | {
        "PAPERCODER_TOKENS": f"ada:{ADA}, ben:{BEN},eve:{GUESSED},:{'x' * 30}",
        "PAPERCODER_HOME": str(folder / "home"),
        "LANGGRAPH_DISABLE_FILE_PERSISTENCE": "true",
        "LANGSMITH_TRACING": "false",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "dev", "--no-browser", "--no-reload", "--port", str(port)],
            cwd=DEPLOY, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + PATIENCE
        while not answers(address):
            assert process.poll() is None, (folder / "log").read_text()[-3000:]
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/ok", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def client(url: str, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=60)


@pytest.fixture
def ada(url: str) -> Iterator[httpx.Client]:
    with client(url, authorization=f"Bearer {ADA}") as made:
        yield made


@pytest.fixture
def ben(url: str) -> Iterator[httpx.Client]:
    with client(url, authorization=f"bearer {BEN}") as made:
        yield made


@pytest.mark.parametrize("headers", [
    {},
    {"authorization": ADA},
    {"authorization": f"Basic {ADA}"},
    {"authorization": "Bearer"},
    {"authorization": f"Bearer {ADA}x"},
    {"authorization": f"Bearer {GUESSED}"},  # too short to count
    {"authorization": f"Bearer {'x' * 30}"},  # nobody's
    {"x-auth-scheme": "langsmith", "x-api-key": "anything"},  # how Studio comes
])  # fmt: skip
def test_without_a_token_of_somebody_every_door_is_closed(url: str, headers: dict[str, str]) -> None:
    with client(url, **headers) as nobody:
        for path in ("/threads", "/threads/search", "/assistants/search", "/runs/wait", "/store/items/search", "/mcp"):
            refused = nobody.post(path, json={})
            assert refused.status_code == 401, path
            assert ADA not in refused.text


def test_a_thread_is_for_who_made_it(ada: httpx.Client, ben: httpx.Client) -> None:
    made = ada.post("/threads", json={"metadata": {"owner": "ben", "paper": "attention"}}).json()
    assert made["metadata"] == {"owner": "ada", "paper": "attention"}
    thread = f"/threads/{made['thread_id']}"
    assert ada.get(thread).status_code == 200
    run = {"assistant_id": "papercoder", "input": {"text": "# A paper"}}
    for method, path, body in (
        ("GET", "", None), ("GET", "/state", None), ("GET", "/history", None), ("GET", "/runs", None),
        ("PATCH", "", {"metadata": {}}), ("POST", "/runs", run), ("POST", "/runs/wait", run),
        ("POST", "/state", {"values": {}}), ("DELETE", "", None),
    ):  # fmt: skip
        assert ben.request(method, thread + path, json=body).status_code in (404, 409), (method, path)
    ben.post(f"{thread}/copy")
    assert ben.post("/threads/search", json={}).json() == []
    assert [found["thread_id"] for found in ada.post("/threads/search", json={}).json()] == [made["thread_id"]]


def test_nobody_gives_a_thread_away(ada: httpx.Client, ben: httpx.Client) -> None:
    thread = f"/threads/{ada.post('/threads', json={}).json()['thread_id']}"
    assert ada.patch(thread, json={"metadata": {"owner": "ben"}}).json()["metadata"]["owner"] == "ada"
    assert ben.get(thread).status_code == 404


def test_papers_and_code_of_runs_are_not_in_the_store_that_clients_see(ada: httpx.Client, ben: httpx.Client) -> None:
    for namespace in ([], ["bodies"], ["user-ada"]):
        assert ben.post("/store/items/search", json={"namespace_prefix": namespace}).status_code == 403
    assert ben.post("/store/namespaces", json={}).status_code == 403
    item = {"namespace": ["user-ada"], "key": "note", "value": {"text": "mine"}}
    assert ben.put("/store/items", json=item).status_code == 403
    assert ada.put("/store/items", json=item).status_code == 204
    found = ada.post("/store/items/search", json={"namespace_prefix": ["user-ada"]}).json()["items"]
    assert [item["key"] for item in found] == ["note"]


def test_the_graphs_are_everyone_s_to_use_and_nobody_s_to_change(ada: httpx.Client) -> None:
    graphs = ada.post("/assistants/search", json={}).json()
    assert {graph["graph_id"] for graph in graphs} == {"papercoder", "papercoder-evaluation", "papercoder-repair"}
    for graph in graphs:
        assert ada.post("/assistants", json={"graph_id": graph["graph_id"]}).status_code == 403
        assert ada.patch(f"/assistants/{graph['assistant_id']}", json={"name": "mine"}).status_code == 403
        assert ada.delete(f"/assistants/{graph['assistant_id']}").status_code == 403
    schedule = {"assistant_id": "papercoder", "schedule": "* * * * *"}
    assert ada.post("/runs/crons", json=schedule).status_code == 403
