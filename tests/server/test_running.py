"""A server that runs what it makes: contained, mended until it runs, and ended together with its thread's run."""

import asyncio
from typing import Any

import pytest

from tests.beats import beats

pytestmark = pytest.mark.long


def running(coder: str) -> dict[str, Any]:
    return {"execute": True, "tests": True, "models": {"coder": f"openai:{coder}"}}


async def test_the_repository_is_run_and_mended_and_the_event_loop_goes_on(serve, at, packages) -> None:
    server = serve(environment=packages)
    thread, told = await at(server).begin(context=running("coder-slips"))
    assert not told.error
    execution = told.values["execution"]
    assert (execution["status"], execution["repairs"], execution["test_wrong"]) == ("passed", 2, 0)
    steps = [(event["step"], event["outcome"]) for event in told.events if event["kind"] == "step_taken"]
    assert ("reproduce", "passed") in steps
    assert "after 2 repairs" in (server.repository(thread) / "README.md").read_text(encoding="utf-8")
    assert list((server.home / "work").iterdir()) == []
    assert "BlockingError" not in server.log
    assert "Blocking call to" not in server.log


async def test_a_cancelled_run_takes_its_sandboxed_command_along_and_goes_on(serve, at, packages) -> None:
    server = serve(environment=packages)
    studio = at(server)
    thread = await studio.thread()
    context = studio.context | running("coder-hangs")
    run = await studio.client.runs.create(thread, "papercoder", input={"text": studio.paper}, context=context)
    await studio.until(lambda: beats(server.home))
    await studio.client.runs.cancel(thread, run["run_id"], wait=True)
    await studio.until(lambda: not beats(server.home))
    await asyncio.sleep(1)
    assert not beats(server.home), "it is not written again by what outlived its folder"
    answered = server.calls(thread)
    told = await studio.run(thread, input=None, context=running("coder-hangs") | {"execute": False})
    assert (told.state["next"], told.requests) == ([], [])
    assert server.calls(thread) == answered
