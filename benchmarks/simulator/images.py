"""Images in requests: how many there are, and what they are as tokens."""

import base64
import hashlib
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

TOKEN_BYTES = 4
_PATCH = 32
_MOST_PATCHES = 1_536
_PNG = b"\x89PNG\r\n\x1a\n"


class BadImage(ValueError):
    """What a provider answers with HTTP 400: no PNG in base64."""


def images_in(messages: Sequence[Mapping[str, Any]]) -> int:
    contents = [message.get("content") for message in messages]
    return sum(part.get("type") == "image_url" for content in contents if isinstance(content, list) for part in content)


def encoded_image(part: Mapping[str, Any]) -> bytes:
    """A token for each patch of 32 pixels; equal images have equal tokens, so that the cache knows them again."""
    url = part["image_url"]["url"]
    head, _, body = url.partition(",")
    try:
        data = base64.b64decode(body, validate=True)
    except ValueError as error:
        raise BadImage("not base64") from error
    if head != "data:image/png;base64" or not data.startswith(_PNG) or len(data) < 24:
        raise BadImage("not a PNG")
    width, height = struct.unpack_from(">II", data, 16)
    patches = min(math.ceil(width / _PATCH) * math.ceil(height / _PATCH), _MOST_PATCHES)
    return hashlib.shake_128(url.encode()).digest(TOKEN_BYTES * patches)
