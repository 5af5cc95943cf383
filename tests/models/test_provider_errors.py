"""What a provider says is understood: what may pass is tried again, what will not names the next step, no key leaks."""

import importlib
import types
from typing import Any

import httpx
import openai
import pytest
from langchain_core.messages import AIMessage, AIMessageChunk

from papercoder.models import providers
from papercoder.models.providers import ChatProvider, Transient, connect, understood
from papercoder.models.recordings import Replay
from papercoder.models.requests import Message, Request
from papercoder.storage.journal import CallKey
from state.context import Context
from state.errors import InputError, ProviderError
from state.ledger import Usage

KEY = "sk-secret-0123456789"
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY", "OPENAI_BASE_URL")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)


def refused(status: int, text: str = "no", code: str | None = None, **headers: str) -> openai.APIStatusError:
    response = httpx.Response(status, headers=headers, request=httpx.Request("POST", "http://x/v1"))
    return openai.APIStatusError(text, response=response, body={"code": code} if code else None)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_again(status: int) -> None:
    error = understood(refused(status))
    assert isinstance(error, Transient)
    assert f"HTTP {status}" in str(error)


@pytest.mark.parametrize(
    ("status", "next_step"),
    [
        (400, "See the provider's message"),
        (401, "API key"),
        (402, "no credit left"),
        (403, "--model"),
        (404, "--base-url"),
        (422, "See"),
    ],
)
def test_what_will_not_pass_names_the_next_step(status: int, next_step: str) -> None:
    error = understood(refused(status))
    assert isinstance(error, ProviderError)
    assert next_step in error.next_step


def test_a_spent_account_is_not_tried_again() -> None:
    error = understood(refused(429, code="insufficient_quota"))
    assert isinstance(error, ProviderError)
    assert "no credit left" in error.next_step


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("too long", "context_length_exceeded"),
        ("n_ctx", "exceed_context_size_error"),
        ("This model's maximum context length is 8192", None),
    ],
)
def test_a_prompt_over_the_window_is_said_to_be_that(text: str, code: str | None) -> None:
    error = understood(refused(400, text, code))
    assert isinstance(error, ProviderError)
    assert "longer than the model's window" in error.cause
    assert "--context-window" in error.next_step


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_from_the_provider(headers: dict[str, str], seconds: float | None) -> None:
    error = understood(refused(429, **headers))
    assert isinstance(error, Transient)
    assert error.retry_after == seconds


@pytest.mark.parametrize("value", ["nan", "inf", "1e400"])
def test_a_wait_that_is_no_number_is_ignored(value: str) -> None:
    error = understood(refused(429, **{"retry-after": value}))
    assert isinstance(error, Transient)
    assert error.retry_after in (None, 0.0, float("inf"))


REQUEST = httpx.Request("POST", "http://x/v1")


@pytest.mark.parametrize(
    "error",
    [
        openai.APITimeoutError(REQUEST),
        openai.APIConnectionError(request=REQUEST),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        ConnectionResetError("reset"),
        TimeoutError(),
        ValueError("Expecting value: <!DOCTYPE html>"),
        KeyError("choices"),
        TypeError("'NoneType' object is not iterable"),
        AttributeError("'str' object has no attribute 'choices'"),
        openai.APIError("cut off", REQUEST, body=None),
    ],
)
def test_no_answer_and_an_unreadable_one_are_tried_again(error: Exception) -> None:
    assert isinstance(understood(error), Transient)


def test_an_error_of_another_sdk_is_understood_by_its_response() -> None:
    response = httpx.Response(503, headers={"retry-after": "4"}, request=REQUEST)
    error = understood(httpx.HTTPStatusError("busy", request=REQUEST, response=response))
    assert isinstance(error, Transient)
    assert error.retry_after == 4


def test_an_error_that_is_not_the_provider_s_stays_as_it_is() -> None:
    error = MemoryError()
    assert understood(error) is error


def test_a_key_that_an_endpoint_repeats_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY + "\n")
    monkeypatch.setenv("SOME_OTHER_TOKEN", "tok-98765432")
    text = f"Incorrect key {KEY} {'x' * 270} {KEY} tok-98765432"
    for error in (
        refused(401, text),
        refused(500, text),
        httpx.ReadError(text),
        ValueError(text),
        openai.APIError(text, REQUEST, body=None),
    ):
        said = f"{understood(error)}"
        assert KEY[:9] not in said
        assert "tok-9" not in said


class Chat:
    """A chat model with prepared answers."""

    def __init__(self, *messages: Any) -> None:
        self.messages = messages
        self.options: dict[str, Any] = {}

    async def ainvoke(self, messages: Any, config: Any, **options: Any) -> Any:
        self.options = options
        if isinstance(self.messages[0], Exception):
            raise self.messages[0]
        return self.messages[0]

    async def astream(self, messages: Any, config: Any, **options: Any) -> Any:
        for message in self.messages:
            yield message


def request(**changes: Any) -> Request:
    key = CallKey("r", "coding", "a.py", "coder", 0, 0, 1, "d")
    return Request(key, (Message("user", "hello"),), max_output_tokens=10, input_tokens=7, **changes)


def provider(*messages: Any) -> ChatProvider:
    chat: Any = Chat(*messages)
    return ChatProvider("openai:o3-mini", chat, Context())


USAGE = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "input_token_details": {"cache_read": 4}}


async def test_an_answer_carries_its_usage_and_price() -> None:
    message = AIMessage("hi", usage_metadata=USAGE, response_metadata={"finish_reason": "length"})
    completion = await provider(message).complete(request())
    assert (completion.text, completion.finish_reason, completion.truncated) == ("hi", "length", True)
    assert completion.usage == Usage(input=10, cached=4, output=5)
    assert completion.dollars == pytest.approx((6 * 1.1 + 4 * 0.55 + 5 * 4.4) / 1e6)


async def test_usage_that_is_not_told_is_estimated() -> None:
    completion = await provider(AIMessage("two words", response_metadata={"stop_reason": "end_turn"})).complete(
        request()
    )
    assert completion.usage == Usage(input=7, output=2, estimated=True)


async def test_a_refusal_is_an_answer() -> None:
    message = AIMessage("", additional_kwargs={"refusal": "I will not."}, response_metadata={"finish_reason": "stop"})
    assert (await provider(message).complete(request())).text == "I will not."


async def test_an_answer_without_choices_is_tried_again() -> None:
    with pytest.raises(Transient, match="no choices"):
        await provider(AIMessage("")).complete(request())
    with pytest.raises(Transient, match="before it began"):
        await ChatProvider("m:x", Chat(), Context()).complete(request(on_first_token=lambda: None))  # type: ignore[arg-type]
    with pytest.raises(Transient):
        await provider(TimeoutError()).complete(request())


async def test_a_stream_is_put_together_and_its_first_token_told() -> None:
    heard: list[int] = []
    chunks = [AIMessageChunk(text) for text in ("a", "b")]
    last = [AIMessageChunk("", response_metadata={"finish_reason": "length"}) for _ in range(2)]
    completion = await provider(*chunks, *last).complete(request(on_first_token=lambda: heard.append(1)))
    assert completion.text == "ab"
    assert completion.truncated
    assert heard


async def test_half_a_character_does_not_break_the_journal() -> None:
    message = AIMessage("x\ud835y", response_metadata={"finish_reason": "stop"})
    assert (await provider(message).complete(request())).text == "x?y"


async def test_a_schema_is_sent_only_where_it_was_asked_for() -> None:
    message = AIMessage("{}", response_metadata={"finish_reason": "stop"})
    plain, shaped = provider(message), provider(message)
    await plain.complete(request())
    await shaped.complete(request(schema={"type": "object"}))
    assert plain._chat.options == {}  # type: ignore[attr-defined]
    assert shaped._chat.options["extra_body"]["response_format"]["type"] == "json_schema"  # type: ignore[attr-defined]


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, "", "  \n"):
        if value is not None:
            monkeypatch.setenv("OPENAI_API_KEY", value)
        with pytest.raises(InputError, match="OPENAI_API_KEY is not set"):
            connect("coder", Context(model="openai:o3-mini"))


def test_an_unknown_provider_is_named() -> None:
    with pytest.raises(InputError, match="no provider 'nobody'") as refusal:
        connect("coder", Context(model="nobody:x"))
    assert "anthropic" in refusal.value.next_step


@pytest.mark.parametrize(
    ("kind", "extra"),
    [("anthropic", "langchain-anthropic"), ("google", "langchain-google-genai"), ("mistral", "langchain-mistralai")],
)
def test_a_missing_extra_is_named(kind: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(providers.importlib, "import_module", missing)
    with pytest.raises(InputError, match=extra) as refusal:
        connect("coder", Context(model=f"{kind}:x"))
    assert "pip install" in refusal.value.next_step


def test_another_provider_s_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, Any]] = []
    module = types.SimpleNamespace(ChatAnthropic=lambda **options: made.append(options))
    monkeypatch.setattr(providers.importlib, "import_module", lambda name: module)
    with pytest.raises(InputError, match="ANTHROPIC_API_KEY is not set"):
        connect("coder", Context(model="anthropic:claude-x"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    connect("coder", Context(model="anthropic:claude-x", temperature=0.5))
    assert made == [{"model": "claude-x", "max_tokens": 16_000, "timeout": 600, "max_retries": 0, "temperature": 0.5}]


def test_a_replay_needs_its_folder(tmp_path: Any) -> None:
    assert isinstance(connect("coder", Context(model=f"replay:{tmp_path}")), Replay)
    with pytest.raises(InputError, match="no folder of recordings"):
        connect("coder", Context(model=f"replay:{tmp_path}/nowhere"))


@pytest.mark.parametrize("model", ["openai:x", "nobody:x"])
def test_a_local_endpoint_needs_no_key(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connect("coder", Context(model=model, base_url="http://localhost:1/v1")).model == model


async def test_a_request_that_was_never_sent_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    connected = connect("coder", Context(model="openai:o3-mini", base_url="http://127.0.0.1:1/v1"))
    with pytest.raises(Transient) as failure:
        await connected.complete(request())
    assert failure.value.free


@pytest.mark.parametrize(
    ("error", "free"),
    [
        (refused(429), True),
        (refused(500), True),
        (refused(503), True),
        (refused(502), False),
        (refused(504), False),
        (refused(524), False),
        (openai.APITimeoutError(REQUEST), False),
        (httpx.ReadError("reset"), False),
        (httpx.ConnectTimeout("nobody there"), True),
        (ValueError("Expecting value: <!DOCTYPE html>"), False),
    ],
)
def test_what_the_provider_may_have_worked_on_may_be_billed(error: Exception, free: bool) -> None:
    understood_as = understood(error)
    assert isinstance(understood_as, Transient)
    assert understood_as.free == free


async def test_the_key_of_the_environment_is_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    importlib.import_module("langchain_openai")
    for key in (KEY, KEY + "\n", KEY + "\u2028é"):
        monkeypatch.setenv("OPENAI_API_KEY", key)
        connected = connect("coder", Context(model="openai:o3-mini", base_url="http://127.0.0.1:1/v1"))
        with pytest.raises((Transient, ProviderError)) as failure:
            await connected.complete(request())
        assert KEY not in str(failure.value)
        assert KEY not in repr(vars(connected)["_chat"])
