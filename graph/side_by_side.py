"""Nodes that are at work side by side: the failure of one waits until what the others have in flight is in.

LangGraph cancels the other nodes of a step as soon as one fails; a call that is cancelled is paid for and lost.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class _Group:
    working: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)


_groups: dict[str, _Group] = {}


@asynccontextmanager
async def side_by_side(run: str) -> AsyncIterator[None]:
    """The work of one node, among those of this run that are at work now."""
    group = _groups.setdefault(run, _Group())
    group.working += 1
    try:
        try:
            yield
        finally:
            group.working -= 1
            if not group.working:
                group.idle.set()
                _groups.pop(run, None)
    except Exception:  # whatever it is, it goes on; a cancellation must not wait
        await group.idle.wait()
        raise
