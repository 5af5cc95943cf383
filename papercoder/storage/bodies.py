"""Texts under their SHA-256, in LangGraph's store.

A body is written before the hash that names it goes into a checkpoint, and never changes, so a checkpoint's hashes
always lead somewhere.
"""

import hashlib
import json

from langgraph.store.base import BaseStore

from state.artifacts import Body
from state.errors import PapercoderError

NAMESPACE = ("bodies",)


class BodyMissing(PapercoderError):
    pass


async def put_body(store: BaseStore, text: str) -> Body:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    value = {"json": json.dumps(text)} if "\0" in text else {"text": text}  # PostgreSQL's JSON has no NUL
    await store.aput(NAMESPACE, digest, value, index=False)
    return Body(sha256=digest, characters=len(text))


async def get_body(store: BaseStore, body: Body) -> str:
    item = await store.aget(NAMESPACE, body.sha256)
    if item is None:
        raise BodyMissing(
            f"The store has no body {body.sha256[:12]}, which the checkpoint names.",
            "The database is incomplete: start the paper again with `papercoder run`.",
        )
    text: str = json.loads(item.value["json"]) if "json" in item.value else item.value["text"]
    return text


async def get_bodies(store: BaseStore, bodies: dict[str, Body]) -> dict[str, str]:
    return {path: await get_body(store, body) for path, body in bodies.items()}
