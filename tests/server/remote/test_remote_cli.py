"""`papercoder run --server`: the same commands, events and exit codes, with the work done elsewhere."""

import json
import signal
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from langgraph_sdk import get_sync_client

from papercoder.cli import terminal
from tests.server.remote.client import CALLS, RUN, events, tree

PAPER = Path(__file__).parents[3] / "examples" / "paper" / "paper.tex"


def test_the_repository_here_is_the_one_there_to_the_byte(command, server, desk) -> None:
    done = command("run", "paper.md", *RUN, server.url, "--json")
    told = events(done)
    assert told[0]["kind"] == "run_started"
    assert told[-1]["kind"] == "run_finished"
    assert told[-1]["totals"]["calls"] == CALLS
    assert tree(desk / "out") == tree(server.repository(told[0]["run"]))
    assert (desk / "out" / ".git").is_dir()


@pytest.mark.long
def test_approvals_are_asked_for_here(command, server, desk, monkeypatch) -> None:
    monkeypatch.setattr(terminal, "is_interactive", lambda: True)
    answers = "\n".join(["y", "w", "Name the seeds.", "a"]) + "\n"
    done = command("run", "paper.md", *RUN, server.url, "--approve", "planning", given=answers)
    assert server.url in done.output
    assert done.output.count("Planning waits for your approval.") == 2
    assert (desk / "out" / "README.md").is_file()


def test_a_server_that_is_not_there_is_named(command) -> None:
    done = command("run", "paper.md", *RUN, "http://127.0.0.1:9", code=5)
    assert "http://127.0.0.1:9 cannot be reached" in done.output
    assert "langgraph dev" in done.output


@pytest.mark.parametrize(("arguments", "told"), [
    (["run", "paper.md", "--base", "."], "--base is for runs on this machine"),
    (["run", "paper.md", "--record", "kept"], "--record is for runs on this machine"),
    (["revise", "thread", "more", "--record", "kept"], "--record is for runs on this machine"),
    (["resume"], "name the thread"),
])  # fmt: skip
def test_options_that_only_this_machine_can_serve_are_refused(command, arguments: list[str], told: str) -> None:
    assert told in command(*arguments, "--server", "http://127.0.0.1:9", code=2).output


def test_only_our_own_token_is_sent(command, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[dict[str, str]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append({name.lower(): value for name, value in self.headers.items()})
            self.send_error(401)

        def log_message(self, *_: object) -> None:
            pass

    for name in ("LANGGRAPH_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "another-secret")
    monkeypatch.setenv("PAPERCODER_SERVER_TOKEN", "ours")
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    done = command("run", "paper.md", *RUN, f"http://127.0.0.1:{listener.server_port}", code=5)
    listener.shutdown()
    assert "HTTP 401" in done.output
    assert "PAPERCODER_SERVER_TOKEN" in done.output
    assert heard[0]["authorization"] == "Bearer ours"
    assert "another-secret" not in str(heard)


@pytest.mark.long
def test_a_run_that_waits_is_answered_later_and_elsewhere(command, server, desk) -> None:
    done = command("run", "paper.md", *RUN, server.url, "--approve", "planning,architecture", code=10)
    thread = next(line for line in done.output.splitlines() if line.startswith("Run ")).split()[1].rstrip(":")
    assert f"papercoder resume {thread} --server {server.url} --accept" in done.output
    again = command("resume", thread, "--server", server.url, "--words", "shorter", code=10)
    assert "Planning waits" in again.output
    assert "Architecture waits" in command("resume", thread, "--server", server.url, "--accept", code=10).output
    (desk / "bad.yaml").write_text("approach: 3", encoding="utf-8")
    bad = command("resume", thread, "--server", server.url, "--edit", "bad.yaml", code=10)
    assert "That could not be used" in bad.output
    command("resume", thread, "--server", server.url, "--accept", "--output", "elsewhere")
    assert tree(desk / "elsewhere") == tree(server.repository(thread))


@pytest.mark.long
def test_until_and_a_budget_stop_a_run_that_goes_on_later_for_nothing_twice(command, server, desk) -> None:
    told = events(command("run", "paper.md", *RUN, server.url, "--until", "architecture", "--json", code=10))
    thread = told[0]["run"]
    assert told[-1]["stopped_after"] == "architecture"
    on = ["resume", thread, "--server", server.url, "--json"]
    poor = command(*on, "--budget-tokens", "25k", code=4)
    assert "25,000 tokens" in poor.output
    assert f"papercoder resume {thread} --server {server.url}" in poor.output
    command(*on, "--budget-tokens", "3M")
    assert server.calls(thread) == {"answered": CALLS}
    assert tree(desk / "out") == tree(server.repository(thread))


@pytest.mark.long
def test_a_finished_thread_is_fetched_and_a_folder_that_is_taken_is_refused_first(command, server, desk) -> None:
    thread = events(command("run", "paper.md", *RUN, server.url, "--json"))[0]["run"]
    taken = command("resume", thread, "--server", server.url, code=7)
    assert "exists and is not empty" in taken.output
    command("resume", thread, "--server", server.url, "-o", "again")
    assert tree(desk / "again") == tree(desk / "out")
    assert "exists and is not empty" in command("run", "paper.md", *RUN, server.url, code=7).output
    assert "no thread 'nobody'" in command("resume", "nobody", "--server", server.url, code=3).output
    assert "does not wait" in command("resume", thread, "--server", server.url, "-o", "b", "--accept", code=3).output


@pytest.mark.long
def test_a_body_that_is_not_what_its_hash_says_is_refused(command, server, desk) -> None:
    thread = events(command("run", "paper.md", *RUN, server.url, "--json"))[0]["run"]
    client = get_sync_client(url=server.url, api_key=None)
    body = client.threads.get_state(thread)["values"]["code"]["main.py"]
    kept = client.store.get_item(["bodies"], key=body["sha256"])["value"]
    client.store.put_item(["bodies"], body["sha256"], {"text": "import os; os.abort()"})
    done = command("resume", thread, "--server", server.url, "-o", "again", code=5)
    client.store.put_item(["bodies"], body["sha256"], kept)
    assert "is not what its hash says" in done.output
    assert not (desk / "again").exists()


@pytest.mark.long
def test_a_thread_s_own_word_for_its_folder_cannot_leave_this_one(command, server, desk) -> None:
    thread = events(command("run", "paper.md", *RUN, server.url, "--json"))[0]["run"]
    client = get_sync_client(url=server.url, api_key=None)
    notes = client.threads.get(thread)["metadata"]["papercoder"]
    client.threads.update(thread, metadata={"papercoder": notes | {"folder": "../outside"}})
    assert "must not contain" in command("resume", thread, "--server", server.url, code=5).output
    assert not (desk.parent / "outside").exists()


@pytest.mark.long
def test_a_folder_of_latex_is_sent_whole_and_a_file_that_includes_others_is_not_sent(command, server, desk) -> None:
    source = desk / "source"
    source.mkdir()
    paper = PAPER.read_text(encoding="utf-8")
    head, body = paper.split(r"\begin{document}", 1)
    (source / "body.tex").write_text(body.split(r"\end{document}")[0], encoding="utf-8")
    (source / "main.tex").write_text(head + "\\begin{document}\n\\input{body}\n\\end{document}\n", encoding="utf-8")
    (source / "secret.txt").symlink_to("/etc/hostname")
    told = events(command("run", "source", *RUN, server.url, "--until", "reading", "--json", code=10))
    (read,) = [event for event in told if event["kind"] == "stage_finished"]
    assert "0 equations" not in read["summary"]
    alone = command("run", "source/main.tex", *RUN, server.url, code=3)
    assert "Give the folder" in alone.output


@pytest.mark.long
def test_a_client_whose_reader_ends_first_ends_quietly_and_the_run_goes_on(
    command, client_process, server, desk
) -> None:
    process = client_process("run", "paper.md", *RUN, server.url, "--json")
    thread = json.loads(process.stdout.readline())["run"]
    process.stdout.close()
    assert (process.wait(60), process.stderr.read()) == (141, "")
    command("resume", thread, "--server", server.url)
    assert tree(desk / "out") == tree(server.repository(thread))


TINY = """
from typing_extensions import TypedDict
from langgraph.graph import StateGraph
class State(TypedDict):
    text: str
graph = StateGraph(State).add_node("reading", lambda state: state).set_entry_point("reading").compile()
"""
AUTH = """
from langgraph_sdk import Auth
auth = Auth()
@auth.authenticate
async def authenticate(authorization: str | None) -> str:
    if authorization != "Bearer s3cret":
        raise Auth.exceptions.HTTPException(status_code=401, detail="Who are you?")
    return "ada"
"""


@pytest.mark.long
def test_a_guarded_server_wants_a_token_and_one_with_another_graph_is_none_of_ours(
    command, serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny.py").write_text(TINY, encoding="utf-8")
    (tmp_path / "auth.py").write_text(AUTH, encoding="utf-8")
    tiny, auth = f"{tmp_path}/tiny.py:graph", f"{tmp_path}/auth.py:auth"
    guarded = serve(settings={"graphs": {"papercoder": tiny}, "auth": {"path": auth}})
    refused = command("run", "paper.md", *RUN, guarded.url, code=5)
    assert "HTTP 401: Who are you?" in refused.output
    monkeypatch.setenv("PAPERCODER_SERVER_TOKEN", "s3cret")
    assert "is of another version" in command("run", "paper.md", *RUN, guarded.url, code=5).output
    guarded.stop()
    other = serve(settings={"graphs": {"tiny": tiny}})
    assert "has no graph named 'papercoder'" in command("run", "paper.md", *RUN, other.url, code=5).output


def begun(process: subprocess.Popen[str], server) -> str:
    """The thread, once the file that hangs is the only one that is left."""
    assert process.stdout
    thread = str(json.loads(process.stdout.readline())["run"])
    deadline = time.monotonic() + 60
    while server.calls(thread) != {"answered": CALLS - 2, "open": 1}:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return thread


HANGING = [{"kind": "hang", "stage": "coding", "file": "trainer.py", "times": 1, "wall_s": 20}]


@pytest.mark.long
def test_ctrl_c_cancels_the_run_on_the_server_and_it_can_be_resumed(command, client_process, server, simulator) -> None:
    simulator.set_faults(HANGING)
    process = client_process("run", "paper.md", *RUN, server.url, "--json")
    thread = begun(process, server)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "cancelled on the server" in err
    assert f"papercoder resume {thread} --server {server.url}" in err
    assert get_sync_client(url=server.url, api_key=None).threads.get(thread)["status"] != "busy"
    command("resume", thread, "--server", server.url)
    assert server.calls(thread) == {"answered": CALLS, "abandoned": 1}


@pytest.mark.long
def test_a_client_that_dies_leaves_the_run_at_work_and_another_follows_it(
    command, client_process, server, simulator, desk
) -> None:
    simulator.set_faults(HANGING)
    process = client_process("run", "paper.md", *RUN, server.url, "--json")
    thread = begun(process, server)
    process.kill()
    told = events(command("resume", thread, "--server", server.url, "--json"))
    assert [event["stage"] for event in told if event["kind"] == "stage_finished"][-1] == "publication"
    assert server.calls(thread) == {"answered": CALLS}
    assert tree(desk / "out") == tree(server.repository(thread))
