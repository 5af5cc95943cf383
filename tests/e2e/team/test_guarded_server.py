"""A team's server with tokens, and clients who mean harm."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.long

HEALTHY = Path(__file__).resolve().parents[3] / "deploy" / "healthy.py"
ADA, BEN = "ada-0123456789abcdef0123", "ben-0123456789abcdef0123"


@pytest.fixture(scope="module")
def guarded(team_of_two) -> Iterator[str]:
    team_of_two.hire()
    worker = team_of_two.hire_guarded(f"ada:{ADA},ben:{BEN}")
    yield f"http://127.0.0.1:{worker.port}"
    worker.kill()


def client(url: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"}, trust_env=False, timeout=60)


def is_healthy(url: str) -> bool:
    return subprocess.run([sys.executable, str(HEALTHY), url]).returncode == 0


def test_a_server_that_lets_anybody_in_is_not_healthy(guarded: str, team) -> None:
    assert is_healthy(guarded)
    assert not is_healthy(f"http://127.0.0.1:{team.any.port}")


def test_threads_and_runs_are_for_who_made_them(guarded: str, team, team_desk) -> None:
    paper = {"text": (team_desk.folder / "paper.md").read_text(encoding="utf-8")}
    body = {"assistant_id": "papercoder", "input": paper, "context": {"model": "openai:o3-mini"}}
    with client(guarded, ADA) as ada, client(guarded, BEN) as ben, httpx.Client(base_url=guarded) as nobody:
        assert nobody.post("/threads", json={}).status_code == 401
        made = ada.post("/threads", json={"metadata": {"owner": "ben"}})
        assert made.status_code == 200, made.text
        thread = f"/threads/{made.json()['thread_id']}"
        run = ada.post(f"{thread}/runs", json=body).json()
        for path in ("", "/state", "/history", f"/runs/{run['run_id']}", f"/runs/{run['run_id']}/join"):
            assert ben.get(thread + path).status_code in (403, 404), path
        assert ben.post("/threads/search", json={}).json() == []
        assert ben.post(f"{thread}/runs", json=body).status_code in (403, 404)
        assert ben.post(f"{thread}/state", json={"values": {}}).status_code in (403, 404)
        assert ben.request("DELETE", thread).status_code in (403, 404)
        ada.get(f"{thread}/runs/{run['run_id']}/join", timeout=180)
        assert ada.get(f"{thread}/runs/{run['run_id']}").json()["status"] == "success"
        for namespace in ([], ["bodies"], ["users", "ada"]):
            assert ben.post("/store/items/search", json={"namespace_prefix": namespace}).status_code == 403
        assert ben.post("/runs/crons", json={**body, "schedule": "* * * * *"}).status_code == 403
        assert ben.post("/assistants", json={"graph_id": "papercoder"}).status_code == 403
