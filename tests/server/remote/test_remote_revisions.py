"""`papercoder revise --server`: the repository here gains the commit that the server made, and nothing else is lost."""

import signal
import time

import pytest
from langgraph_sdk import get_sync_client

from tests.git import git
from tests.server.remote.client import RUN, events, tree


def test_a_finished_thread_is_revised_and_the_repository_here_gains_the_commit(command, server, desk, finished) -> None:
    before = git(desk / "out", "log", "--format=%H").splitlines()
    told = events(command("revise", finished, "model.py, please", "--server", server.url, "--json"))
    assert (told[0]["resumed"], told[0]["stages"][0]) == (True, "revision")
    assert [event["revision"]["files"] for event in told if event["kind"] == "revised"] == [["model.py"]]
    assert tree(desk / "out") == tree(server.repository(finished))
    assert git(desk / "out", "log", "--format=%H").splitlines()[1:] == before
    assert git(desk / "out", "log", "-1", "--format=%s") == "Revision: model.py, please"
    assert told[-1]["published"]["commit"] == git(desk / "out", "rev-parse", "HEAD")
    answered = command("revise", finished, "Well done.", "--server", server.url, code=3)
    assert "Say what shall be different." in answered.output
    assert git(desk / "out", "status", "--porcelain") == ""


@pytest.mark.long
def test_a_remark_is_carried_out_once_whatever_is_fetched_when(command, server, desk, finished) -> None:
    on = ["--server", server.url]
    command("revise", finished, "model.py, please", *on, "--output", "elsewhere")
    assert git(desk / "elsewhere", "log", "--format=%s").splitlines()[:2] == [
        "Revision: model.py, please", git(desk / "out", "log", "-1", "--format=%s")
    ]  # fmt: skip
    command("resume", finished, *on)
    assert tree(desk / "out") == tree(desk / "elsewhere") == tree(server.repository(finished))
    newest = git(desk / "out", "rev-parse", "HEAD")
    calls = server.calls(finished)
    command("resume", finished, *on)
    assert (git(desk / "out", "rev-parse", "HEAD"), server.calls(finished)) == (newest, calls)
    command("revise", finished, "trainer.py, please", *on)
    assert git(desk / "out", "rev-parse", "HEAD~1") == newest


@pytest.mark.long
def test_what_was_changed_here_since_is_not_written_over(command, server, desk, finished) -> None:
    on, file = ["--server", server.url], desk / "out" / "trainer.py"
    file.write_text("mine = True\n")
    calls = server.calls(finished)
    assert "trainer.py is changed since" in command("revise", finished, "model.py, please", *on, code=7).output
    git(desk / "out", "commit", "--quiet", "--all", "--message", "mine")
    assert "newest commit is" in command("revise", finished, "model.py, please", *on, code=7).output
    assert (server.calls(finished), file.read_text()) == (calls, "mine = True\n")
    command("revise", finished, "model.py, please", *on, "--force")
    assert tree(desk / "out") == tree(server.repository(finished))


@pytest.mark.long
def test_a_folder_that_is_none_of_the_thread_s_is_not_written_to_whatever_the_server_says(
    command, server, desk, finished
) -> None:
    folder = desk / "out"
    manifest = folder / ".papercoder" / "run.json"
    manifest.write_text(manifest.read_text().replace(finished, "another"))
    git(folder, "commit", "--quiet", "--all", "--message", "another's")
    client = get_sync_client(url=server.url, api_key=None)
    notes = client.threads.get(finished)["metadata"]["papercoder"]
    known = {"papercoder": notes | {"commits": [git(folder, "rev-parse", "HEAD")]}}
    client.threads.update(finished, metadata=known)
    refused = command("revise", finished, "model.py, please", "--server", server.url, code=7)
    assert "exists and is not empty" in refused.output


@pytest.mark.long
def test_what_is_not_finished_is_not_revised_and_the_way_on_is_told(command, server) -> None:
    told = events(command("run", "paper.md", *RUN, server.url, "--until", "planning", "--json", code=10))
    thread = told[0]["run"]
    refused = command("revise", thread, "model.py", "--server", server.url, code=3)
    assert "stopped before architecture" in refused.output
    assert f"papercoder resume {thread} --server {server.url}" in refused.output
    command("resume", thread, "--server", server.url)
    assert "is empty" in command("revise", thread, " ", "--server", server.url, code=3).output
    command("revise", thread, "model.py, please", "--server", server.url)


@pytest.mark.long
@pytest.mark.parametrize("stage", ["revision", "coding"])
def test_a_revision_whose_client_was_stopped_goes_on_with_resume(
    command, client_process, server, simulator, desk, finished, stage: str
) -> None:
    before, asked = git(desk / "out", "rev-parse", "HEAD"), len(simulator.records())
    simulator.set_faults([{"kind": "hang", "stage": stage, "times": 1, "wall_s": 20}])
    process = client_process("revise", finished, "model.py, please", "--server", server.url, "--json")
    deadline = time.monotonic() + 60
    while simulator.stats()["in_flight"] == 0 or server.calls(finished).get("open") != 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert f"papercoder resume {finished} --server {server.url}" in err
    assert "not finished" in command("revise", finished, "more", "--server", server.url, code=3).output
    command("resume", finished, "--server", server.url)
    assert git(desk / "out", "rev-parse", "HEAD~1") == before
    assert git(desk / "out", "log", "-1", "--format=%s") == "Revision: model.py, please"
    assert tree(desk / "out") == tree(server.repository(finished))
    assert len(simulator.records()) > asked
