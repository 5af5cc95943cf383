"""Keys are taken out of text from outside; everything else in it stays."""

import pytest

from state.secrets import redacted, without_keys

KEY = "sk-proj-0123456789abcdefghij"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    monkeypatch.setenv("LOCAL_API_KEY", "not-needed")
    monkeypatch.setenv("SHORT_KEY", "abc")
    monkeypatch.setenv("LONGER_TOKEN", f"{KEY}-and-more")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"Incorrect API key: {KEY}.", "Incorrect API key: [OPENAI_API_KEY]."),
        (f"{KEY}-and-more", "[LONGER_TOKEN]"),
        ("the key not-needed", "the key [LOCAL_API_KEY]"),
        ("Incorrect API key: sk-abcd************wxyz", "Incorrect API key: [secret]"),
        ("another one's sk-ant-api03-AbCdEf123456_-789", "another one's [secret]"),
        ("lsv2_pt_0123456789abcdef_01234", "[secret]"),
        ("Authorization: Bearer abcdefgh.ijklmnop", "Authorization: Bearer [secret]"),
        ("postgresql://user:pass@host/db", "postgresql://[secret]@host/db"),
        ("http://token@proxy:3128 refused", "http://[secret]@proxy:3128 refused"),
    ],
)
def test_a_message_loses_its_keys(text: str, clean: str) -> None:
    assert redacted(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "abc", "sk-learn and sk-image are packages", "rk4_integrator_step(x)", "hf_dataset_name_v2_large", "",
        "see https://arxiv.org/abs/2504.17192", "a@b.org", "from torch import nn  # §3.2, Eq. 4 [E4]",
    ],
)  # fmt: skip
def test_a_message_keeps_the_rest(text: str) -> None:
    assert redacted(text) == text


def test_an_answer_loses_real_keys_and_keeps_everything_else() -> None:
    text = f"key = '{KEY}'  # not-needed, sk-ant-api03-AbCdEf123456, http://user:pass@host"
    assert without_keys(text) == text.replace(KEY, "[OPENAI_API_KEY]")
