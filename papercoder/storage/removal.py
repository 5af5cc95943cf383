"""Which bodies checkpoints still name: the others are removed with the run that needed them."""

from collections.abc import Iterator

from langgraph.checkpoint.base import BaseCheckpointSaver
from pydantic import BaseModel

from state.body import Body
from state.paper import ImageRef


async def reachable(checkpoints: BaseCheckpointSaver[str]) -> set[str]:
    """The hashes of all bodies that any checkpoint can reach.  The newest of a run at work are not named yet."""
    found: set[str] = set()
    async for checkpoint in checkpoints.alist(None):
        found |= set(_hashes(checkpoint.checkpoint["channel_values"]))
        for _, _, value in checkpoint.pending_writes or []:
            found |= set(_hashes(value))
    return found


def _hashes(value: object) -> Iterator[str]:
    if isinstance(value, (Body, ImageRef)):
        yield value.sha256
    elif isinstance(value, BaseModel):
        for _, field in value:
            yield from _hashes(field)
    elif isinstance(value, dict):
        if isinstance(value.get("sha256"), str):  # a body that was edited in Studio comes as a plain dict
            yield value["sha256"]
        for item in value.values():
            yield from _hashes(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _hashes(item)
