"""A chat completion as OpenAI writes it: choices, usage, and the chunks of a stream."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.simulator.faults import Fault
from benchmarks.simulator.records import Record
from benchmarks.simulator.tokens import Tokenizer

Json = dict[str, Any]

_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True)
class Choice:
    """One sampled answer."""

    content: str | None
    finish_reason: str
    tokens: int


def choose(reply: str, body: Mapping[str, Any], fault: Fault, tokenizer: Tokenizer) -> list[Choice]:
    """The answer `n` times, spoilt by the fault and cut at the request's limit."""
    content, finish = fault.spoil(reply), "length" if fault.kind == "length" else "stop"
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    if content and limit and tokenizer.count(content) > limit:
        content, finish = tokenizer.cut(content, limit), "length"
    choice = Choice(content, finish, tokenizer.count(content or ""))
    return [choice] * int(body.get("n") or 1)


def head(record: Record) -> Json:
    """What a completion and each chunk of it begin with."""
    identity = {"id": f"chatcmpl-sim{record.id:06d}", "created": int(time.time()), "model": record.model}
    return identity | {"system_fingerprint": "simulated"}


def usage(record: Record, fault: Fault) -> Json | None:
    """Token counts, unless the fault withholds them."""
    if fault.kind == "no_usage":
        return None
    counts: Json = {
        "prompt_tokens": record.input_tokens,
        "completion_tokens": record.output_tokens,
        "total_tokens": record.input_tokens + record.output_tokens,
    }
    if fault.kind == "no_usage_details":
        return counts
    reasoning = {"accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0, "audio_tokens": 0}
    return counts | {
        "prompt_tokens_details": {"cached_tokens": record.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": reasoning | {"reasoning_tokens": record.reasoning_tokens},
    }


def document(record: Record, choices: list[Choice], fault: Fault) -> bytes:
    """The body of an answer that is not streamed."""
    if fault.kind == "html_body":
        return b"<html><body>502 Bad Gateway</body></html>"
    body = head(record) | {"object": "chat.completion", "usage": usage(record, fault), "choices": []}
    for index, choice in enumerate(choices):
        message = {"role": "assistant", "content": choice.content, "refusal": None}
        body["choices"].append(
            {"index": index, "message": message, "finish_reason": choice.finish_reason, "logprobs": None}
        )
    return json.dumps(body).encode()


@dataclass(frozen=True)
class Stream:
    """The server-sent events of an answer."""

    opening: bytes
    pieces: list[bytes]
    closing: bytes


def stream(record: Record, choices: list[Choice], fault: Fault, tokens_per_event: int, *, with_usage: bool) -> Stream:
    """Opening roles, content in pieces of several tokens, finish reasons and usage."""
    first = head(record) | {"object": "chat.completion.chunk"}

    def event(index: int, delta: Json, finish: str | None = None) -> bytes:
        return _event(first | {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]})

    roles = [event(index, {"role": "assistant", "content": ""}) for index in range(len(choices))]
    ends = [event(index, {}, choice.finish_reason) for index, choice in enumerate(choices)]
    counts = usage(record, fault) if with_usage else None
    last = [_event(first | {"choices": [], "usage": counts})] if counts else []
    pieces = [event(index, {"content": text}) for index, text in _pieces(choices, fault, tokens_per_event)]
    return Stream(b"".join(roles), pieces, b"".join([*ends, *last, b"data: [DONE]\n\n"]))


def _pieces(choices: list[Choice], fault: Fault, tokens_per_event: int) -> Iterator[tuple[int, str]]:
    """Pieces of all choices side by side."""
    if fault.kind == "html_body":
        yield 0, "<html>"
        return
    size = max(1, tokens_per_event) * _CHARACTERS_PER_TOKEN
    texts = [choice.content or "" for choice in choices]
    for start in range(0, max(map(len, texts), default=0), size):
        for index, text in enumerate(texts):
            if piece := text[start : start + size]:
                yield index, piece


def _event(chunk: Json) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"
