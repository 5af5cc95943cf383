"""One request to a model, and its digest."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from papercoder.storage.journal import CallKey


@dataclass(frozen=True)
class Image:
    """An image in a prompt; `label` is what stands before it.  The hash stands for the bytes."""

    label: str
    sha256: str
    media_type: str
    width: int
    height: int
    base64: str = field(repr=False, compare=False)


@dataclass(frozen=True)
class Message:
    """What one side says; images come before its text."""

    speaker: Literal["system", "user", "assistant"]
    text: str
    images: tuple[Image, ...] = ()


Messages = tuple[Message, ...]


@dataclass(frozen=True)
class Request:
    """What a provider needs to answer: the messages, and which question of which run they are."""

    key: CallKey
    messages: Messages
    max_output_tokens: int
    input_tokens: int  # counted by us; the provider's own count replaces it in the ledger
    schema: dict[str, Any] | None = None  # only for endpoints set to structured_output="json_schema"
    on_first_token: Callable[[], None] | None = None  # set: stream the answer and call this at its first token


def digest(messages: Messages) -> str:
    """What the journal knows a prompt by.  The model is left out: a resumed run may go on with another one."""
    canonical = json.dumps([_parts(message) for message in messages], ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _parts(message: Message) -> list[Any]:
    images = [[image.label, image.sha256] for image in message.images]
    return [message.speaker, message.text, *([images] if images else [])]
