"""A paper as text, as an upload, as a path; and what a run says while it works."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from state.context import STAGES

ROOT = Path(__file__).parents[2]
PDF = ROOT / "examples" / "paper" / "paper.pdf"
UNTIL_READ = {"interrupt_after": ["reading"]}


def upload(name: str, content: bytes) -> dict[str, dict[str, str]]:
    return {"upload": {"name": name, "base64": base64.b64encode(content).decode()}}


async def test_a_paper_as_text_becomes_a_repository_and_every_step_is_told(studio) -> None:
    thread, told = await studio.begin()
    assert not told.error
    assert len(told.requests) == studio.calls
    assert told.kinds().count("call_started") == told.kinds().count("call_finished") == studio.calls
    stages = [event["stage"] for event in told.events if event["kind"] == "stage_finished"]
    assert sorted(stages, key=STAGES.index) == list(STAGES)
    last = [event for event in told.events if event["kind"] == "call_finished"][-1]
    assert last["totals"]["calls"] == studio.calls
    assert (studio.server.repository(thread) / "main.py").is_file()
    assert studio.server.calls(thread) == {"answered": studio.calls}


async def test_a_reviewed_run_tells_its_reviews_and_from_a_checkpoint_of_it_everything_is_recalled(studio) -> None:
    thread, told = await studio.begin(context={"rounds": 1, "assess": True})
    assert not told.error
    reviewed = {f"{event['stage']} {event['file']}".strip() for event in told.events if event["kind"] == "reviewed"}
    assert {"planning", "analysis main.py", "coding main.py", "integration", "assessment"} < reviewed
    assert told.values["coverage"]["verdicts"]
    checkpoint = await studio.before(thread, "coding")
    again = await studio.run(thread, input=None, checkpoint=checkpoint, context={"rounds": 1, "assess": True})
    assert not again.error
    assert again.requests == []
    assert again.state["next"] == []


async def test_an_uploaded_pdf_is_read_and_no_later_checkpoint_carries_it(studio) -> None:
    thread = await studio.thread()
    content = PDF.read_bytes()
    told = await studio.run(thread, input=upload("paper.pdf", content), context={"approve": ["planning"]})
    assert told.values["paper"]["format"] == "pdf"
    assert told.request["stage"] == "planning"
    encoded = base64.b64encode(content).decode()[:200]
    history = await studio.client.threads.get_history(thread, limit=100)
    after = [state for state in history if state["values"].get("paper")]
    assert len(after) >= 2
    assert [state["next"] for state in after if encoded in json.dumps(state)] == []


@pytest.mark.long
@pytest.mark.parametrize("name", ["paper.tex", "Paper.TEX", "..\\..\\paper.tex", "/etc/paper.tex"])
async def test_an_upload_s_name_says_its_format_and_nothing_else(studio, name: str) -> None:
    content = PDF.with_suffix(".tex").read_bytes()
    told = await studio.run(await studio.thread(), input=upload(name, content), **UNTIL_READ)
    assert told.values["paper"]["format"] == "latex"


@pytest.mark.long
async def test_a_paper_on_the_server_s_disk_is_named_by_its_path(studio, write_paper: Callable[[], str]) -> None:
    source = studio.server.folder / "paper.md"
    source.write_text(write_paper(), encoding="utf-8")
    told = await studio.run(await studio.thread(), input={"source": str(source)}, **UNTIL_READ)
    assert told.values["paper"]["format"] == "markdown"


@pytest.mark.parametrize(("given", "told"), [
    ({}, "Give its text"),
    pytest.param({"upload": {"name": "a.pdf", "base64": "%%%"}}, "is not base64", marks=pytest.mark.long),
    pytest.param(upload("a.pdf", b"<html>"), "named .pdf, but what is in it is HTML", marks=pytest.mark.long),
    pytest.param(upload("a.xyz", b"hello"), "Give a PDF", marks=pytest.mark.long),
    pytest.param({"source": "/nowhere/paper.pdf"}, "/nowhere/paper.pdf", marks=pytest.mark.long),
])  # fmt: skip
async def test_a_paper_that_cannot_be_read_is_refused_with_the_reason_and_the_next_step(
    studio, given, told: str
) -> None:
    run = await studio.run(await studio.thread(), input={"output": "", **given})
    assert run.error["error"] == "InputError"
    assert told in run.error["message"]
    assert run.requests == []
