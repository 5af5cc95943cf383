"""Recorded answers are files that people read, and come back exactly."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from papercoder.models.recordings import Recordings, Replay
from papercoder.models.requests import Image, Message, Request, digest
from papercoder.storage.journal import CallKey, Completion
from state.errors import InputError, ProviderError
from state.ledger import Usage
from state.paths import UnsafePath

KEY = CallKey(run="r", stage="coding", file="src/model.py", role="coder", round=0, sample=0, attempt=1, digest="d1")
ANSWER = Completion("text", "stop", Usage(input=10, cached=4, output=2), 1.5, "openai:o3-mini", 0.25)


def request(key: CallKey = KEY, **changes: Any) -> Request:
    return Request(key, (Message("user", "x"),), max_output_tokens=10, input_tokens=1, **changes)


@given(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.lists(st.sampled_from(["---\n", "---", "\r\n", "\r", "\n", "a"])).map("".join)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_answer_comes_back_exactly(tmp_path: Path, text: str) -> None:
    recordings = Recordings(tmp_path)
    recordings.write(KEY, replace(ANSWER, text=text))
    recorded = recordings.read(KEY)
    assert recorded
    prompt, completion = recorded
    assert prompt == "d1"
    assert completion == replace(ANSWER, text=text, seconds=0.0, dollars=0.0)


@pytest.mark.parametrize("model", ["replay:---", "local:a\n---\nb", "x: y", "é"])
def test_no_model_name_breaks_a_recording(tmp_path: Path, model: str) -> None:
    Recordings(tmp_path).write(KEY, replace(ANSWER, model=model, text="---\na\n---\n"))
    recorded = Recordings(tmp_path).read(KEY)
    assert recorded
    assert (recorded[1].model, recorded[1].text) == (model, "---\na\n---\n")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "coding/src/model.py.md"),
        ({"role": "critic"}, "coding/src/model.py.critic.md"),
        ({"role": "critic", "round": 1}, "coding/src/model.py.critic.round-1.md"),
        ({"stage": "planning", "file": "", "role": "planner"}, "planning.md"),
        ({"stage": "planning", "file": "", "role": "critic"}, "planning.critic.md"),
        ({"stage": "planning", "file": "", "role": "planner", "attempt": 2}, "planning.attempt-2.md"),
        ({"stage": "assessment", "file": "", "role": "coder", "round": 1}, "assessment.coder.round-1.md"),
        ({"stage": "judging", "file": "", "role": "judge", "sample": 1}, "judging.sample-1.md"),
        ({"round": 1, "sample": 3, "attempt": 2}, "coding/src/model.py.round-1.sample-3.attempt-2.md"),
    ],
)
def test_a_recording_is_named_by_what_it_answers(tmp_path: Path, changes: dict[str, Any], name: str) -> None:
    Recordings(tmp_path).write(replace(KEY, **changes), ANSWER)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.md")] == [name]


def test_a_recording_reads_as_text(tmp_path: Path) -> None:
    Recordings(tmp_path).write(KEY, ANSWER)
    assert (tmp_path / "coding/src/model.py.md").read_text() == (
        "---\nprompt: d1\nmodel: openai:o3-mini\nfinish_reason: stop\n"
        "usage:\n  input: 10\n  cached: 4\n  output: 2\n---\ntext"
    )


@pytest.mark.parametrize("file", ["../../x", "/etc/passwd", "a\\b", ".git/config", "a\0b"])
def test_a_hostile_file_name_is_not_recorded(tmp_path: Path, file: str) -> None:
    recordings = Recordings(tmp_path / "inside")
    for act in (lambda key: recordings.write(key, ANSWER), recordings.read):
        with pytest.raises(UnsafePath):
            act(replace(KEY, file=file))
    assert not list(tmp_path.rglob("*"))


async def test_a_replay_answers_without_a_model(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    recordings.write(KEY, ANSWER)
    heard: list[int] = []
    completion = await Replay(recordings).complete(request(on_first_token=lambda: heard.append(1)))
    assert completion.text == "text"
    assert completion.dollars == 0
    assert heard == [1]


async def test_a_drifted_recording_is_refused_unless_allowed(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    recordings.write(KEY, ANSWER)
    changed = request(replace(KEY, digest="d2"))
    with pytest.raises(ProviderError, match="has drifted") as refusal:
        await Replay(recordings).complete(changed)
    assert "--allow-drift" in refusal.value.next_step
    assert (await Replay(recordings, allow_drift=True).complete(changed)).text == "text"
    assert recordings.is_current(KEY)
    assert not recordings.is_current(changed.key)


async def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"Nothing is recorded for coding/src/model\.py\.md"):
        await Replay(Recordings(tmp_path)).complete(request())
    assert not Recordings(tmp_path).is_current(KEY)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder of recordings"):
        Recordings.existing(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["", "text", "---\na: [\n---\nx", "---\na: 1\n---\nx", "---\n---\nx", "\ufffd---"])
def test_a_damaged_recording_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "planning.md").write_text(text)
    with pytest.raises(InputError, match=r"planning\.md cannot be read"):
        Recordings(tmp_path).read(replace(KEY, stage="planning", file="", role="planner"))


def test_a_digest_covers_images_by_their_hashes() -> None:
    image = Image("[F1]", "a" * 64, "image/png", 9, 9, "AAAA")
    asked = Message("user", "x", (image,))
    assert digest((asked,)) == digest((Message("user", "x", (replace(image, base64=""),)),))
    others = [(), (replace(image, sha256="b" * 64),), (replace(image, label="[F2]"),), (image, image)]
    assert len({digest((Message("user", "x", images),)) for images in [(image,), *others]}) == 5
    without = digest((Message("user", "x"),))  # as it was before prompts could have images
    assert without == "7a4af8d8021f8ec6e86d3ad078a588758b09b6bee7f9580208563979c618e4da"


@given(st.lists(st.tuples(st.sampled_from(["system", "user", "assistant"]), st.text()), max_size=4))
def test_a_digest_tells_prompts_apart(messages: list[tuple[Any, str]]) -> None:
    prompt = tuple(Message(speaker, text) for speaker, text in messages)
    assert digest(prompt) == digest(tuple(prompt))
    assert digest(prompt) != digest((*prompt, Message("user", "")))
    if prompt:
        assert digest(prompt) != digest((Message(prompt[0].speaker, prompt[0].text + " "), *prompt[1:]))
