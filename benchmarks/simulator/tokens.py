"""Token counting with o200k, and prompts as byte strings of which equal prefixes mean equal token prefixes."""

import hashlib
import json
import re
from array import array
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.simulator.images import TOKEN_BYTES, encoded_image
from papercoder.models.tokens import encode

_FRAMING = 3  # tokens of framing a message, and tokens that prime the reply
_SEGMENT_CHARACTERS = 2000
_MEMO_CHARACTERS = 60_000_000
# o200k's pre-tokenizer never makes a piece that spans "newline | character that is neither space nor '/'", so cutting
# there and encoding the parts apart gives the same tokens as encoding the whole, and parts seen before cost nothing.
_CUT = re.compile(r"(?<=\n)(?=[^\s/])")


class Tokenizer:
    """o200k tokens, `TOKEN_BYTES` bytes each, with a memory for segments of text seen before."""

    def __init__(self) -> None:
        self._memo: dict[str, bytes] = {}
        self._memo_characters = 0

    def encode(self, text: str) -> bytes:
        return b"".join(map(self._segment, segments(text)))

    def count(self, text: str) -> int:
        return len(self.encode(text)) // TOKEN_BYTES

    def render(self, body: Mapping[str, Any]) -> bytes:
        """A request as tokens: tools and response format come before the messages, as at OpenAI."""
        head = {key: body[key] for key in ("tools", "response_format") if body.get(key)}
        parts = [self.encode(json.dumps(head, sort_keys=True))] if head else []
        for message in body["messages"]:
            parts += [_role_mark(message.get("role")), *self._pieces(message)]
        return b"".join([*parts, b"\xff" * TOKEN_BYTES * _FRAMING])

    def _pieces(self, message: Mapping[str, Any]) -> Iterator[bytes]:
        """A message's texts and images in their order."""
        content = message.get("content")
        if isinstance(content, list) and any(part.get("type") == "image_url" for part in content):
            for part in content:
                yield encoded_image(part) if part.get("type") == "image_url" else self.encode(part.get("text", ""))
        else:
            yield self.encode(content_of(message))

    def cut(self, text: str, limit: int) -> str:
        """The longest beginning of the text, by halving, that has at most `limit` tokens."""
        low, high = 0, len(text)
        if self.count(text) <= limit:
            return text
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.count(text[:middle]) <= limit else (low, middle)
        return text[:low]

    def _segment(self, text: str) -> bytes:
        known = self._memo.get(text)
        if known is None:
            known = array("I", encode(text)).tobytes()
            self._remember(text, known)
        return known

    def _remember(self, text: str, encoded: bytes) -> None:
        if self._memo_characters > _MEMO_CHARACTERS:
            self._memo.clear()
            self._memo_characters = 0
        self._memo[text] = encoded
        self._memo_characters += len(text)


def segments(text: str) -> Iterator[str]:
    """The text in pieces of about 2,000 characters that no token spans."""
    start = 0
    while start < len(text):
        match = _CUT.search(text, start + _SEGMENT_CHARACTERS)
        end = match.start() if match else len(text)
        yield text[start:end]
        start = end


def content_of(message: Mapping[str, Any]) -> str:
    """What a message says, its tool calls included."""
    content = message.get("content") or ""
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content if isinstance(part, dict))
    if message.get("tool_calls"):
        content += json.dumps(message["tool_calls"], sort_keys=True)
    return str(content)


def _role_mark(role: object) -> bytes:
    return hashlib.blake2b(f"role:{role}".encode(), digest_size=TOKEN_BYTES).digest() * _FRAMING
