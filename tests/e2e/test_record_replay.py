"""Answers kept in a folder, and runs that are answered from it, without a provider."""

import json
import re
from pathlib import Path

import pytest

NOBODY = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_KEY": ""}
"""An environment in which every call would fail."""


@pytest.fixture
def recorded(desk):
    """A desk with a recording of a whole run."""
    desk.ends(0, *desk.run_options(), "--record", "recorded")
    return desk


def replayed(desk, *options: object, output: str = "replayed", code: int = 0):
    """A run from the recording; it reaches no provider."""
    before = len(desk.requests())
    process = desk.ends(code, *desk.run_options(output=output, model="replay:recorded"), *options, **NOBODY)
    assert len(desk.requests()) == before
    return process


def without_model(tree: dict[str, bytes]) -> dict[str, object]:
    """Manifest and README name the model, which a replay does not have."""
    manifest = json.loads(tree[".papercoder/run.json"]) | {"model": ""}
    readme = tree["README.md"].replace(b" with openai:o3-mini;", b";")
    return {**tree, ".papercoder/run.json": manifest, "README.md": readme}


def recordings(desk) -> dict[str, str]:
    folder: Path = desk.folder / "recorded"
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*.md"))}


def drift(desk, name: str) -> None:
    """As if the prompt had changed since."""
    path = desk.folder / "recorded" / name
    path.write_text(path.read_text().replace("prompt: ", "prompt: 0", 1))


def test_a_recording_replays_to_the_same_repository_without_a_provider(recorded, reference) -> None:
    process = replayed(recorded)
    assert len(recordings(recorded)) == reference.requests
    assert without_model(recorded.tree("replayed")) == without_model(reference.tree)
    assert process.event("run_finished")["totals"]["dollars"] == 0
    assert process.event("run_finished")["totals"]["unpriced"] == 0


def test_repair_turns_are_recorded_too(desk, reference) -> None:
    rules = [{"stage": "logic"}, {"stage": "coding", "file": "^model"}]
    desk.simulator.set_faults([{**rule, "kind": "malformed", "variant": "prose_only", "times": 1} for rule in rules])
    desk.ends(0, *desk.run_options(), "--record", "recorded")
    assert {"logic.attempt-2.md", "coding/model.py.attempt-2.md"} < set(recordings(desk))
    replayed(desk)
    assert without_model(desk.tree("replayed")) == without_model(reference.tree)


def test_a_recording_survives_a_kill_of_the_run_that_makes_it(slow_desk, reference) -> None:
    process = slow_desk.start(*slow_desk.run_options(), "--record", "recorded")
    slow_desk.wait_for("delivered", "coding", 2)
    process.kill()
    slow_desk.ends(0, "resume", "--record", "recorded", "--json")
    replayed(slow_desk)
    assert without_model(slow_desk.tree("replayed")) == without_model(reference.tree)


def test_a_changed_prompt_is_told_and_may_be_accepted(recorded, reference) -> None:
    ended = replayed(recorded, "--framework", "JAX", code=5)
    failed = ended.event("run_failed")
    assert re.search(r"specification/.*\.md has drifted", failed["cause"])
    assert "--only-drifted" in failed["next_step"]
    assert "--allow-drift" in failed["next_step"]
    assert not (recorded.folder / "replayed").exists()

    process = replayed(recorded, "--framework", "JAX", "--allow-drift")
    warnings = [event["text"] for event in process.events if event["kind"] == "warned"]
    assert sum("has drifted" in text for text in warnings) == reference.requests
    assert recorded.tree("replayed")["main.py"] == reference.tree["main.py"]


def test_a_recording_that_lacks_an_answer_names_it(recorded) -> None:
    (recorded.folder / "recorded" / "coding" / "model.py.md").unlink()
    ended = replayed(recorded, code=5)
    assert "coding/model.py.md" in ended.err
    assert "--record" in ended.err


def test_only_what_drifted_is_asked_again(recorded, reference) -> None:
    whole = recordings(recorded)
    drift(recorded, "analysis/model.py.md")
    (recorded.folder / "recorded" / "coding" / "trainer.py.md").unlink()
    before = len(recorded.requests())
    recorded.ends(0, *recorded.run_options(output="renewed"), "--record", "recorded", "--only-drifted")
    asked = recorded.requests(after=before)
    assert {(record.stage, record.file) for record in asked} == {("analysis", "model.py"), ("coding", "trainer.py")}
    assert len(asked) == 2
    assert recorded.tree("renewed") == reference.tree
    assert [name for name, text in recordings(recorded).items() if prompt(text) != prompt(whole[name])] == []
    replayed(recorded)


def prompt(recording: str) -> str:
    return recording.split("\n")[1]


def test_another_framework_renews_everything_and_then_replays(recorded, reference) -> None:
    before = len(recorded.requests())
    options = ["--framework", "JAX", "--record", "recorded", "--only-drifted"]
    recorded.ends(0, *recorded.run_options(output="renewed"), *options)
    assert len(recorded.requests(after=before)) == reference.requests
    recorded.ends(0, *recorded.run_options(output="again"), *options)
    assert len(recorded.requests(after=before)) == reference.requests
    replayed(recorded, "--framework", "JAX")
