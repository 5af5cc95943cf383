"""A server under load, under cancellation, under kill -9, and with nothing to work with."""

import asyncio
import signal

import pytest

from benchmarks.simulator.process import Simulator


async def test_runs_side_by_side_all_finish_and_nothing_of_one_is_in_another(studio) -> None:
    titles = [f"Paper number {number}" for number in range(3)]
    begun = await asyncio.gather(*(studio.begin(title) for title in titles))
    for title, (thread, told) in zip(titles, begun, strict=True):
        assert not told.error
        assert studio.server.calls(thread) == {"answered": studio.calls}
        repository = studio.server.repository(thread)
        shown = (repository / ".papercoder" / "paper.md").read_text(encoding="utf-8")
        assert [other for other in titles if other in shown] == [title]
        assert told.kinds().count("call_finished") == studio.calls


@pytest.mark.long
async def test_many_runs_side_by_side_all_finish(studio) -> None:
    begun = await asyncio.gather(*(studio.begin(f"Paper number {number}") for number in range(8)))
    assert [told.error for _, told in begun if told.error] == []
    assert {str(studio.server.calls(thread)) for thread, _ in begun} == {f"{{'answered': {studio.calls}}}"}


async def test_a_budget_that_is_spent_stops_the_run_and_a_larger_one_goes_on(studio) -> None:
    thread, told = await studio.begin(context={"budget": {"tokens": 30_000}})
    assert told.error["error"] == "BudgetSpent"
    assert "30,000 tokens" in told.error["message"]
    assert "Go on with a larger one" in told.error["message"]
    assert 0 < len(told.requests) < studio.calls
    more = await studio.run(thread, input=None, context={"budget": {"tokens": 2_000_000}})
    assert not more.error
    assert len(told.requests) + len(more.requests) == studio.calls


@pytest.mark.long
async def test_the_minutes_of_a_budget_count_from_each_start(studio) -> None:
    budget = {"budget": {"minutes": 0.0001}}
    thread, first = await studio.begin(context=budget)
    assert "minutes is spent" in first.error["message"]
    second = await studio.run(thread, input=None, context=budget)
    assert "minutes is spent" in second.error["message"]
    generous = {"budget": {"minutes": 5}}
    await studio.run(thread, input=None, context=generous, interrupt_before=["logic"])
    assert (await studio.run(thread, input=None, context=generous)).state["next"] == []


@pytest.mark.long
async def test_a_provider_that_keeps_failing_is_told_and_the_run_goes_on_when_it_is_well(studio) -> None:
    studio.simulator.set_faults([{"kind": "http_401", "stage": "logic"}])
    thread, told = await studio.begin()
    assert told.error["error"] == "ProviderError"
    assert "HTTP 401" in told.error["message"]
    assert "API key" in told.error["message"]
    studio.simulator.set_faults([])
    again = await studio.run(thread, input=None)
    assert again.state["next"] == []
    assert "planning" not in again.requests


@pytest.mark.long
async def test_a_missing_key_is_named(serve, at) -> None:
    server = serve(environment={"OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""})
    _, told = await at(server).begin(context={"model": "openai:gpt-5-mini"})
    assert told.error["error"] == "InputError"
    assert "OPENAI_API_KEY is not set" in told.error["message"]


@pytest.mark.long
async def test_a_cancelled_run_goes_on_and_repeats_nothing_that_was_answered(studio) -> None:
    studio.simulator.set_faults([{"kind": "hang", "stage": "coding", "file": "trainer.py", "times": 1, "wall_s": 60}])
    thread = await studio.thread()
    run = await studio.client.runs.create(thread, "papercoder", input={"text": studio.paper}, context=studio.context)
    await studio.until(lambda: studio.server.calls(thread) == {"answered": studio.calls - 2, "open": 1})
    await studio.client.runs.cancel(thread, run["run_id"], wait=True)
    again = await studio.run(thread, input=None)
    assert again.state["next"] == []
    assert studio.server.calls(thread) == {"answered": studio.calls, "abandoned": 1}


@pytest.mark.long
async def test_a_new_run_that_interrupts_the_one_at_work_repeats_nothing(studio) -> None:
    """Studio's `interrupt`: the same thread, another run."""
    studio.simulator.set_faults([{"kind": "hang", "stage": "analysis", "file": "main.py", "times": 1, "wall_s": 60}])
    thread = await studio.thread()
    await studio.client.runs.create(thread, "papercoder", input={"text": studio.paper}, context=studio.context)
    await studio.until(lambda: studio.server.calls(thread) == {"answered": studio.calls - 6, "open": 1})
    told = await studio.run(thread, input=None, multitask_strategy="interrupt")
    assert told.state["next"] == []
    assert studio.server.calls(thread) == {"answered": studio.calls, "abandoned": 1}


@pytest.mark.long
async def test_killed_in_mid_run_and_started_again_the_server_goes_on_and_no_answer_is_asked_for_twice(
    serve, at
) -> None:
    with Simulator(files=5, scale=0.15) as provider:
        server = serve(provider)
        studio = at(server, provider)
        thread = await studio.thread()
        run = await studio.client.runs.create(
            thread, "papercoder", input={"text": studio.paper}, context=studio.context
        )
        begun = server.saved
        await studio.until(lambda: server.calls(thread).get("answered", 0) >= 4)
        await studio.until(lambda: server.saved > begun)  # the development server knows of the run
        server.stop(signal.SIGKILL)
        before = server.calls(thread)
        assert before["answered"] < studio.calls, "the run ended before the kill"
        server.start()
        again = at(server, provider)
        await again.client.runs.join(thread, run["run_id"])
        assert (await again.state(thread))["next"] == []
        after = server.calls(thread)
        assert after == {"answered": studio.calls} | ({"abandoned": before["open"]} if before.get("open") else {})
        assert len(again.asked()) <= studio.calls + before.get("open", 0)


@pytest.mark.long
async def test_with_an_event_loop_for_each_worker_threads_are_run_again_and_again(serve, at) -> None:
    server = serve(environment={"BG_JOB_ISOLATED_LOOPS": "true"})
    studio = at(server)
    begun = await asyncio.gather(*(studio.begin(f"Paper number {number}") for number in range(3)))
    for thread, told in begun:
        assert not told.error
        assert "waiting" not in told.kinds()
        for number in range(3):
            plan = told.values["plan"] | {"summary": f"Edit number {number}."}
            await studio.edit(thread, "planning", plan=plan)
            again = await studio.run(thread, input=None, interrupt_before=["logic"])
            assert again.requests == ["architecture"]
            assert not again.error
            assert "waiting" not in again.kinds()
    assert "isolated loops" in server.log
