"""Chat models behind one method: a `Request` goes in, a `Completion` comes out, or an error of two kinds.

`Transient` may be mended by asking again; `ProviderError` may not.  The SDKs' own retries are off, so that no attempt
escapes the ledger.
"""

import asyncio
import importlib
import os
import time
import weakref
from pathlib import Path
from typing import Any, Protocol

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk

from papercoder.models.prices import dollars, price_of
from papercoder.models.recordings import Recordings, Replay
from papercoder.models.requests import Message, Request
from papercoder.models.tokens import count_tokens
from papercoder.storage.journal import Completion
from papercoder.tracing.labels import label
from state.context import AnyRole, Context, check_place
from state.errors import InputError, ProviderError
from state.ledger import Usage
from state.secrets import redacted, without_keys


class Transient(Exception):
    """A failure that may pass.  `retry_after`: seconds, where the provider said so.

    `free`: the provider refused, or was never reached.  Otherwise the answer may be on the bill although it was lost.
    """

    def __init__(self, reason: str, retry_after: float | None = None, *, free: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.free = free


class Provider(Protocol):
    model: str

    async def complete(self, request: Request) -> Completion:
        """One attempt at the provider.  Raises `Transient` or `ProviderError`."""
        ...


class ChatProvider:
    """Any LangChain chat model."""

    def __init__(self, model: str, chat: BaseChatModel, context: Context) -> None:
        self.model = model
        self._chat = chat
        self._price = price_of(model, context)

    async def complete(self, request: Request) -> Completion:
        started = time.monotonic()
        message = await self._answer(request)
        text = _text(message)
        usage = _usage(message)
        finish = message.response_metadata.get("finish_reason") or message.response_metadata.get("stop_reason") or ""
        if not finish and not text:
            raise Transient("the provider's answer has no choices")
        if not finish and not usage and request.on_first_token:  # a stream that ends without saying so was cut
            raise Transient("the provider's answer broke off")
        usage = usage or _estimate(request, text)
        return Completion(text, finish, usage, time.monotonic() - started, self.model, dollars(usage, self._price))

    async def _answer(self, request: Request) -> AIMessage:
        messages = [(message.speaker, _content(message)) for message in request.messages]
        options = _options(request)
        config = label(request.key, self._price)
        try:
            if request.on_first_token is None:
                return await self._chat.ainvoke(messages, config, **options)
            whole: AIMessageChunk | None = None
            async for chunk in self._chat.astream(messages, config, **options):
                request.on_first_token()
                whole = chunk if whole is None else _added(whole, chunk)
        except Exception as error:
            raise understood(error) from error
        if whole is None:
            raise Transient("the provider's stream ended before it began")
        return whole


def _content(message: Message) -> str | list[str | dict[str, Any]]:
    """In the form that OpenAI's interface has, which the other providers' packages translate."""
    if not message.images:
        return message.text
    parts: list[str | dict[str, Any]] = []
    for image in message.images:
        url = f"data:{image.media_type};base64,{image.base64}"
        parts.append({"type": "text", "text": image.label})
        parts.append({"type": "image_url", "image_url": {"url": url, "detail": "high"}})
    return [*parts, {"type": "text", "text": message.text}]


def _added(whole: AIMessageChunk, chunk: AIMessageChunk) -> AIMessageChunk:
    """The two in one.  Some endpoints say twice why they stopped, and adding would make it `lengthlength`."""
    said = {key: whole.response_metadata.get(key) for key in ("finish_reason", "stop_reason")}
    whole = whole + chunk
    whole.response_metadata |= {key: chunk.response_metadata.get(key) or value for key, value in said.items() if value}
    return whole


def _options(request: Request) -> dict[str, Any]:
    """The schema goes into the body past the SDK, which would raise over a cut answer and lose its text and usage."""
    if request.schema is None:
        return {}
    schema = {"name": "answer", "schema": request.schema, "strict": False}
    return {"extra_body": {"response_format": {"type": "json_schema", "json_schema": schema}}}


def _text(message: AIMessage) -> str:
    """The answer's text; an explicit refusal counts as one, so that it is quoted where it is reported."""
    text = str(message.text) or str(message.additional_kwargs.get("refusal") or "")
    text = without_keys(text)  # an endpoint knows the key it was sent, and the answer will be published
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair can be neither kept nor sent back


def _usage(message: AIMessage) -> Usage | None:
    given = message.usage_metadata
    if not given or not (given["input_tokens"] or given["output_tokens"]):
        return None
    cached = (given.get("input_token_details") or {}).get("cache_read") or 0
    return Usage(input=given["input_tokens"], cached=cached, output=given["output_tokens"])


def _estimate(request: Request, text: str) -> Usage:
    return Usage(input=request.input_tokens, output=count_tokens(text), estimated=True)


def understood(error: Exception) -> Exception:
    """A provider's exception as one of ours; one that says nothing about the provider comes back as it is."""
    import httpx
    import openai

    status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(status, int) and status >= 300:
        return _by_status(status, error)
    network = (openai.APIConnectionError, httpx.TransportError, ConnectionError, TimeoutError)
    if isinstance(error, network):
        reason = f"no answer from the provider ({type(error).__name__}: {_said(error)})"
        return Transient(reason, free=_never_sent(error))
    if isinstance(error, (openai.APIError, ValueError, TypeError, LookupError, AttributeError)):
        # what the SDKs raise over a body that is cut off, is HTML, or has no choices
        return Transient(f"the provider's answer cannot be read ({type(error).__name__}: {_said(error)})")
    return error


def _never_sent(error: Exception) -> bool:
    """There was no connection, so the provider has seen nothing of the request.

    By name: each SDK brings an HTTP library of its own, and wraps its errors more than once.
    """
    cause: BaseException | None = error
    while cause and type(cause).__name__ not in ("ConnectError", "ConnectTimeout", "PoolTimeout"):
        cause = cause.__cause__
    return cause is not None


def _said(error: Exception) -> str:
    """The error's own words, short, and without the keys that an endpoint may have repeated."""
    return redacted(str(error))[:300]


_NEXT = {
    401: "Check the API key in the environment (`papercoder doctor` names the variable).",
    403: "The key may not use this model: choose another with --model, or another key.",
    404: "Check --model and --base-url: the endpoint does not know this model or path.",
    402: "The provider says that the account has no credit left. Then: papercoder resume",
}
_REDIRECTED = "Redirects are not followed, because the paper would go with them: name the right address by --base-url."


_GATEWAY = (408, 502, 504, 524)
"""Said by what stands before the provider, which may have worked, and billed, behind it."""


def _by_status(status: int, error: Exception) -> Exception:
    reason = f"HTTP {status}: {_said(error)}"
    if getattr(error, "code", None) == "insufficient_quota":
        return ProviderError(f"The provider refuses: {reason}", _NEXT[402])
    if status == 429 or status >= 500 or status in (408, 409):
        return Transient(reason, _retry_after(error), free=status not in _GATEWAY)
    too_long = getattr(error, "code", None) in ("context_length_exceeded", "exceed_context_size_error")
    if too_long or "maximum context length" in str(error):
        return ProviderError(
            f"The prompt is longer than the model's window: {reason}",
            "Say how much it reads with --context-window TOKENS, then: papercoder resume",
        )
    if status < 400:
        return ProviderError(f"The provider sends us elsewhere: {reason}", _REDIRECTED)
    return ProviderError(f"The provider refuses: {reason}", _NEXT.get(status, "See the provider's message above."))


def _retry_after(error: Exception) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", {})
    try:
        return max(0.0, float(headers.get("retry-after-ms", "")) / 1000)
    except ValueError:
        pass
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None  # absent, or a date: our own back-off will do


def connect(role: AnyRole, context: Context) -> Provider:
    """The provider of a role's model.  Raises `InputError` where something is missing, naming it."""
    model = context.model_for(role)
    kind, _, name = model.partition(":")
    if kind == "replay":
        return Replay(Recordings.existing(Path(name)), allow_drift=context.allow_drift)
    if kind == "openai" or context.base_url:
        return ChatProvider(model, _openai(name, context), context)
    return ChatProvider(model, _other(kind, name, context), context)


def _openai(name: str, context: Context) -> BaseChatModel:
    from langchain_openai import ChatOpenAI

    base_url = context.base_url or _own_base_url()
    key = os.environ.get("OPENAI_API_KEY", "").strip() or ("none" if base_url else "")
    if not key:
        raise InputError(
            "There is no API key: the environment variable OPENAI_API_KEY is not set.",
            "Set it, or name a local endpoint with --base-url http://localhost:11434/v1 (no key needed).",
        )
    custom = {"base_url": base_url, "use_responses_api": False} if base_url else {}
    chat = ChatOpenAI(
        model=name,
        api_key=key,
        temperature=context.temperature,
        max_completion_tokens=context.max_output_tokens,
        timeout=context.timeout,
        max_retries=0,
        stream_usage=True,
        http_async_client=_connections(),
        **custom,
    )
    chat.root_async_client._client.follow_redirects = False  # the SDK would send the prompt wherever it is told to
    return chat


def _own_base_url() -> str | None:
    try:
        return check_place(os.environ.get("OPENAI_BASE_URL", "")) or None
    except ValueError as error:
        raise InputError(f"OPENAI_BASE_URL cannot be used: {error}.", "Set it to https://host/v1.") from None


_Loop = asyncio.AbstractEventLoop
_first: list[weakref.ref[_Loop]] = []
_clients: weakref.WeakKeyDictionary[_Loop, Any] = weakref.WeakKeyDictionary()


def _connections() -> Any:
    """The event loop's own connections: LangChain shares one pool between all loops, and a pool bears only one.

    None leaves LangChain's to the first loop that wants any.
    """
    import openai

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None  # nothing will be sent
    if not _first:
        _first.append(weakref.ref(loop))
    if _first[0]() is loop or os.environ.get("OPENAI_PROXY"):
        return None
    if loop not in _clients:
        _clients[loop] = openai.DefaultAsyncHttpxClient()
    return _clients[loop]


_OTHERS = {
    "anthropic": ("langchain_anthropic", "ChatAnthropic", ("ANTHROPIC_API_KEY",)),
    "google": ("langchain_google_genai", "ChatGoogleGenerativeAI", ("GOOGLE_API_KEY", "GEMINI_API_KEY")),
    "mistral": ("langchain_mistralai", "ChatMistralAI", ("MISTRAL_API_KEY",)),
}


def _other(kind: str, name: str, context: Context) -> BaseChatModel:
    if kind not in _OTHERS:
        raise InputError(
            f"There is no provider {kind!r}.",
            f"Choose one of openai, {', '.join(_OTHERS)}, replay; for a compatible endpoint add --base-url URL.",
        )
    if context.structured_output == "json_schema":
        raise InputError(
            f"json_schema is for OpenAI-compatible endpoints, not for {kind!r}.", "Leave out --structured-output."
        )
    module, factory, keys = _OTHERS[kind]
    try:
        chat = getattr(importlib.import_module(module), factory)
    except ModuleNotFoundError as error:
        raise InputError(
            f"The provider {kind!r} needs the package {module.replace('_', '-')}, which is not installed.",
            f"Install it into papercoder's environment: pip install {module.replace('_', '-')}",
        ) from error
    if not any(os.environ.get(key, "").strip() for key in keys):
        raise InputError(f"There is no API key: the environment variable {keys[0]} is not set.", "Set it.")
    options = {"temperature": context.temperature} if context.temperature is not None else {}
    made: BaseChatModel = chat(
        model=name, max_tokens=context.max_output_tokens, timeout=context.timeout, max_retries=0, **options
    )
    return made
