"""Gates: a run waits for a person's word, and goes on with it."""

import json

import pytest

from state.architecture import Architecture
from state.configuration import Configuration
from state.plan import Plan
from state.requirements import Specification

GATES = ["specification", "planning", "architecture", "configuration"]


def artifact(desk, run: str, stage: str) -> dict:
    return desk.ends(0, "show", run, "--stage", stage, "--json").document


ARTIFACTS = {
    "specification": Specification, "planning": Plan, "architecture": Architecture, "configuration": Configuration
}  # fmt: skip
EACH_GATE = [pytest.param(gate, marks=() if gate == "architecture" else pytest.mark.long) for gate in GATES]


@pytest.mark.parametrize("gate", EACH_GATE)
def test_a_run_waits_at_its_gate_and_shows_the_artifact_and_what_the_paper_leaves_open(desk, gate: str) -> None:
    stopped = desk.ends(10, *desk.run_options(), "--approve", gate)
    request = stopped.event("approval_needed")["request"]
    assert request["stage"] == gate
    assert request["artifact"] == artifact(desk, stopped.run, gate)
    assert [question["question"] for question in request["questions"]] == [
        choice.question for choice in ARTIFACTS[gate].model_validate(request["artifact"]).open_choices
    ]
    assert desk.ends(0, "show", stopped.run, "--json").document["status"] == "waiting"
    assert not desk.output.exists()


def test_an_accepted_run_is_the_run_that_asked_nobody(desk, reference) -> None:
    run = desk.ends(10, *desk.run_options(), "--approve", "all").run
    for _ in GATES[1:]:
        desk.ends(10, "resume", run, "--accept", "--json")
    desk.ends(0, "resume", run, "--accept", "--json")
    assert desk.tree() == reference.tree
    assert {desk.digest_of(record) for record in desk.requests()} == reference.digests


@pytest.mark.parametrize("gate", EACH_GATE)
def test_words_become_findings_for_a_revision_that_is_shown_in_turn(desk, reference, gate: str) -> None:
    words = "Say in the first item what n is {{ and }} leave the rest."
    run = desk.ends(10, *desk.run_options(), "--approve", gate).run
    before = len(desk.requests())
    again = desk.ends(10, "resume", run, "--words", words, "--json")
    (asked,) = desk.requests(after=before)
    prompt = desk.body_of(asked)["messages"][-1]["content"]
    assert asked.stage == {"specification": "consolidation"}.get(gate, gate)  # of its two questions the last one
    assert words in prompt
    assert ("asks for changes" if gate == "specification" else "You answered this before") in prompt
    assert again.event("approval_needed")["request"]["stage"] == gate
    desk.ends(0, "resume", run, "--accept", "--json")
    digests = [desk.digest_of(record) for record in desk.requests()]
    assert len(digests) == len(set(digests))


def test_an_edited_artifact_is_what_the_run_goes_on_with(desk) -> None:
    run = desk.ends(10, *desk.run_options(), "--approve", "configuration").run
    edited = artifact(desk, run, "configuration")
    edited["values"][0]["value"] = 12345
    (desk.folder / "edited.json").write_text(json.dumps(edited), encoding="utf-8")
    desk.ends(0, "resume", run, "--edit", "edited.json", "--json")
    assert b"12345" in desk.tree()["config.yaml"]


def test_an_edit_that_is_no_artifact_is_sent_back_with_the_reason_and_nothing_is_lost(desk, reference) -> None:
    run = desk.ends(10, *desk.run_options(), "--approve", "architecture").run
    edited = artifact(desk, run, "architecture")
    edited["files"][0]["path"] = "../outside.py"
    (desk.folder / "edited.json").write_text(json.dumps(edited), encoding="utf-8")
    again = desk.ends(10, "resume", run, "--edit", "edited.json", "--json")
    assert "outside.py" in again.event("approval_needed")["request"]["problem"]
    desk.ends(0, "resume", run, "--accept", "--json")
    assert desk.tree() == reference.tree


@pytest.mark.long
def test_until_a_gated_stage_ends_behind_its_gate(desk) -> None:
    run = desk.ends(10, *desk.run_options(), "--approve", "planning", "--until", "planning").run
    again = desk.ends(10, "resume", run, "--words", "shorter", "--until", "planning", "--json")
    assert again.event("approval_needed")["request"]["stage"] == "planning"
    done = desk.ends(10, "resume", run, "--accept", "--until", "planning", "--json")
    assert done.event("run_finished")["stopped_after"] == "planning"


@pytest.mark.long
def test_approvals_can_be_given_up_and_asked_for_later(desk, reference) -> None:
    run = desk.ends(10, *desk.run_options(), "--approve", "planning").run
    waiting = desk.ends(10, "resume", run, "--approve", "architecture", "--json")
    assert waiting.event("approval_needed")["request"]["stage"] == "architecture"
    desk.ends(0, "resume", run, "--approve", "none", "--json")
    assert desk.tree() == reference.tree


@pytest.mark.parametrize(("options", "code", "told"), [
    pytest.param(["--accept", "--words", "x"], 2, "Choose one of", marks=pytest.mark.long),
    pytest.param(["--words", " "], 2, "what shall be different", marks=pytest.mark.long),
    (["--edit", "paper.md"], 3, "--stage"),
])  # fmt: skip
def test_an_answer_that_makes_no_sense_is_refused_and_the_run_waits_on(desk, options, code: int, told: str) -> None:
    run = desk.ends(10, *desk.run_options(), "--approve", "planning").run
    assert told in desk.ends(code, "resume", run, *options, "--json").err
    assert desk.ends(0, "show", run, "--json").document["status"] == "waiting"


def test_an_answer_to_a_run_that_asks_nothing_is_refused(desk) -> None:
    run = desk.ends(10, *desk.run_options(), "--until", "planning").run
    assert "does not wait" in desk.ends(3, "resume", run, "--accept", "--json").err
    assert desk.ends(0, "show", run, "--json").document["status"] == "stopped"


@pytest.mark.long
def test_a_run_killed_while_its_gate_is_answered_waits_or_has_gone_on(slow_desk, reference) -> None:
    run = slow_desk.ends(10, *slow_desk.run_options(), "--approve", "planning").run
    process = slow_desk.start("resume", run, "--accept", "--json")
    slow_desk.wait_for("arrival", "architecture")
    process.kill()
    slow_desk.ends(0, "resume", run, "--json")
    assert slow_desk.tree() == reference.tree
