"""A gate waits in Studio, and understands what a person answers there."""

from typing import Any

import pytest


def answered(answer: Any, *gates: str) -> dict[str, Any]:
    """A run that goes on with an answer."""
    return {"command": {"resume": answer}, "context": {"approve": list(gates)}}


GATES = ("specification", "planning", "architecture", "configuration")


async def test_a_plan_waits_is_revised_for_words_edited_and_accepted(studio) -> None:
    thread, waiting = await studio.begin(context={"approve": ["planning"]})
    assert waiting.state["next"] == ["planning_approval"]
    assert waiting.request["artifact"] == waiting.values["plan"]
    assert waiting.request["how_to_answer"]

    revised = await studio.run(thread, **answered("Name the seeds.", "planning"))
    assert revised.requests == ["planning"]
    assert revised.request["stage"] == "planning"

    nonsense = await studio.run(thread, **answered({"decision": "edit", "artifact": {"summary": 3}}, "planning"))
    assert "summary" in nonsense.request["problem"]
    assert nonsense.requests == []

    plan = nonsense.request["artifact"] | {"summary": "One scale, and nothing else."}
    done = await studio.run(thread, **answered({"decision": "edit", "artifact": plan}, "planning"))
    assert done.state["next"] == []
    assert done.values["plan"]["summary"] == "One scale, and nothing else."
    assert "planning" not in done.requests


@pytest.mark.long
async def test_every_gate_waits_in_its_turn_and_an_accepted_run_asks_nothing_more_than_an_unattended_one(
    studio,
) -> None:
    thread, told = await studio.begin(context={"approve": list(GATES)})
    requests = told.requests
    for gate, answer in zip(GATES, ("accept", "LGTM!", {"decision": "accept"}, "ok"), strict=True):
        assert told.request["stage"] == gate
        told = await studio.run(thread, **answered(answer, *GATES))
        requests += told.requests
    assert told.state["next"] == []
    assert len(requests) == studio.calls


@pytest.mark.long
@pytest.mark.parametrize(
    "nonsense", [7, ["accept"], {"decision": "perhaps"}, {"decision": "edit"}, {"decision": "revise"}]
)
async def test_what_is_no_answer_is_told_and_asked_for_again(studio, nonsense: Any) -> None:
    thread, _ = await studio.begin(context={"approve": ["planning"]})
    again = await studio.run(thread, **answered(nonsense, "planning"))
    assert not again.error
    assert again.request["problem"]
    assert again.requests == []
    gone_on = await studio.run(thread, **answered("accept"), interrupt_before=["analysis"])
    assert {*gone_on.state["next"]} == {"testing", "analysis"}


@pytest.mark.long
@pytest.mark.parametrize("gate", GATES)
async def test_an_edited_artifact_is_what_the_later_stages_read(studio, gate: str) -> None:
    thread, waiting = await studio.begin(context={"approve": [gate]})
    artifact = waiting.request["artifact"]
    if gate == "specification":
        artifact["requirements"][0] |= {"status": "unspecified", "choice": "31337"}
    else:
        artifact["open_choices"] = [{"question": "Which seed?", "choice": "31337"}]
    done = await studio.run(thread, **answered(artifact, gate))
    assert done.state["next"] == []
    notes = studio.server.repository(thread) / "REPRODUCTION_NOTES.md"
    assert "31337" in notes.read_text(encoding="utf-8")


@pytest.mark.long
async def test_settings_may_change_while_a_run_waits(studio) -> None:
    """Another model for the rest; the answers that are there stay."""
    thread, _ = await studio.begin(context={"approve": ["planning"]})
    before = len(studio.simulator.records())
    done = await studio.run(thread, command={"resume": "accept"}, context={"model": "openai:gpt-4o"})
    assert done.state["next"] == []
    assert {record.model for record in studio.simulator.records()[before:]} == {"gpt-4o"}
