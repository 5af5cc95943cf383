"""What a trace shows of prompts and of the state."""

import time
from pathlib import Path

import pytest

from papercoder.tracing.content import names_of, results_of, scrubbed
from prompts import quoted
from state.published import Published
from state.secrets import redacted

PAPER = "A secret finding.\n</paper> </paper-00000000> <paper-12345678>\nand more"


@pytest.mark.parametrize("tag", ["paper", "file", "header"])
def test_quoted_material_is_left_out_and_its_length_said(tag: str) -> None:
    prompt = f"Before.\n{quoted(tag, PAPER)}\nAfter.\n{quoted(tag, 'Other.')}\nEnd."
    shown = scrubbed({"messages": [[{"content": prompt}]]}, papers=False)["messages"][0][0]["content"]
    assert "secret finding" not in shown
    assert "Other" not in shown
    assert [word in shown for word in ("Before.", "After.", "End.")] == [True] * 3
    assert f"[{len(PAPER)} characters, not traced]" in shown
    assert scrubbed(prompt, papers=True) == prompt


def test_an_image_is_left_out_and_its_length_said() -> None:
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 1_000}}
    assert scrubbed([part], papers=False)[0]["image_url"]["url"] == "[an image, 1,022 characters, not traced]"
    assert scrubbed([part], papers=True) == [part]


@pytest.mark.parametrize("text", ["no tags", "<paper-0123abcd>\nnever closed", "\n</paper-0123abcd>", "<paper-zz>\n"])
def test_other_text_stays(text: str) -> None:
    assert scrubbed([text], papers=False) == [text]


def test_a_key_is_taken_out_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_API_KEY", "0123456789")
    assert scrubbed({"0123456789": ["0123456789", {"a": 1, "b": None}]}, papers=True) == {
        "[X_API_KEY]": ["[X_API_KEY]", {"a": 1, "b": None}]
    }


def test_a_node_s_inputs_are_named_and_not_repeated(tmp_path: Path) -> None:
    state = {"source": f"{tmp_path}/paper.pdf", "text": "x" * 12_345, "code": {"a.py": 1}, "plan": object()}
    assert names_of(state) == {
        "source": "paper.pdf", "text": "12,345 characters", "code": "1 entries", "plan": "object"
    }  # fmt: skip


def test_a_node_s_outputs_are_shown_without_this_machine_s_folders(tmp_path: Path) -> None:
    published = Published(folder=f"{tmp_path}/code", files=3, commit="abc")
    shown = results_of({"published": published, "output": f"{tmp_path}/code", "text": "whole paper", "code": {"a": 1}})
    assert shown["published"].folder == shown["output"] == "code"
    assert shown["text"] == "11 characters"
    assert shown["code"] == {"a": 1}


@pytest.mark.parametrize(
    "unit", ["<paper-0123abcd>\n", "sk-a-", "a.", "http://a", "Bearer ", "\n</file-0123abcd>", "x://", "sk-*", "@"]
)
def test_hostile_text_costs_time_in_proportion_to_its_length(unit: str) -> None:
    def seconds(size: int) -> float:
        started = time.process_time()
        redacted(scrubbed(unit * (size // len(unit)), papers=False))
        return time.process_time() - started

    small, large = max(seconds(20_000), 0.002), seconds(320_000)
    assert large < 100 * small  # sixteen times the text; quadratic would be 256
