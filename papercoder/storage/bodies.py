"""Texts and images under their SHA-256, in LangGraph's store.

A body is written before the hash that names it goes into a checkpoint, and never changes, so a checkpoint's hashes
always lead somewhere.
"""

import base64
import hashlib
import json
from collections.abc import Mapping

from langgraph.store.base import BaseStore

from state.body import Body
from state.errors import KeptDamaged
from state.paper import ImageRef

NAMESPACE = ("bodies",)


async def put_body(store: BaseStore, text: str) -> Body:
    digest = _digest(text)
    value = {"json": json.dumps(text)} if "\0" in text else {"text": text}  # PostgreSQL's JSON has no NUL
    await store.aput(NAMESPACE, digest, value, index=False)
    return Body(sha256=digest, characters=len(text))


async def get_body(store: BaseStore, body: Body) -> str:
    """Raises `KeptDamaged` where the text is not there, or is not what was written."""
    try:
        item = await store.aget(NAMESPACE, body.sha256)
        value = item.value if item else {}
        text = json.loads(value["json"]) if "json" in value else value.get("text")
    except ValueError as error:  # neither JSON nor UTF-8
        raise KeptDamaged.of(f"The text {body.sha256[:12]} in the database is damaged: {error}.") from error
    if not isinstance(text, str) or _digest(text) != body.sha256:
        raise KeptDamaged.of(f"The text {body.sha256[:12]}, which the checkpoint names, is missing or damaged.")
    return text


async def get_bodies(store: BaseStore, bodies: dict[str, Body]) -> dict[str, str]:
    return {path: await get_body(store, body) for path, body in bodies.items()}


async def put_images(store: BaseStore, images: Mapping[str, bytes]) -> None:
    """Keeps the bytes under their hashes; what is committed here, anything may name."""
    for sha256, data in images.items():
        await store.aput(NAMESPACE, sha256, {"base64": base64.b64encode(data).decode()}, index=False)


async def get_image(store: BaseStore, image: ImageRef) -> str:
    """The bytes in base64.  Raises `KeptDamaged` where they are not there, or are not what was written."""
    item = await store.aget(NAMESPACE, image.sha256)
    encoded = item.value.get("base64") if item else None
    try:
        whole = hashlib.sha256(base64.b64decode(encoded or "", validate=True)).hexdigest() == image.sha256
    except ValueError:
        whole = False
    if not isinstance(encoded, str) or not whole:
        raise KeptDamaged.of(f"The image {image.sha256[:12]}, which the checkpoint names, is missing or damaged.")
    return encoded


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
