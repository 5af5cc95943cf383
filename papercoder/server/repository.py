"""The repository of a finished run, written here from what the server keeps of it.

Publication is a function of the state and of the bodies that it names, so it is done again on this side: by the same
code, with the same checks of every path, and each body held against its hash.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import httpx
from langgraph.store.base import BaseStore, GetOp, Item, Op, Result

from graph.audit import audit_of
from graph.material import code_of, material_of
from papercoder.documents import MAX_BYTES
from papercoder.publication import publish
from papercoder.publication.history import head
from papercoder.publication.writing import MARK, is_there
from state.context import Context
from state.errors import ServerError
from state.pipeline import PipelineState
from state.published import Published

if TYPE_CHECKING:
    from langgraph_sdk.client import LangGraphClient


async def fetched(
    client: "LangGraphClient", values: Mapping[str, Any], context: Context, output: Path, run: str,
    since: Published | None = None,
) -> Published:  # fmt: skip
    """Write the repository to `output`.  Raises `ServerError`, or `OutputError` as publication does.

    `since` is what was fetched before the newest revision: its history goes on.
    """
    state, store = cast(PipelineState, values), ServerStore(client)
    material = await material_of(state, context, store)
    code = await code_of(state, material, store)
    audit = await audit_of(state, material, code, store)
    return await asyncio.to_thread(publish, material, code, output, run, audit, since)


def fetched_before(folder: Path, run: str, commits: Sequence[str]) -> Published | None:
    """What an earlier fetch has left in this folder; None where nothing there is of this run's.

    `commits` are those that it was fetched as; a folder whose newest commit is another one has been changed since.
    They are the server's word, which could name the commit of anybody's folder: so this one has to say itself that the
    run has made it.
    """
    if not is_there(folder) or _made_by(folder) != run:
        return None
    newest = head(folder)
    commit = newest if newest in commits else next(reversed(commits), "")
    return Published(folder=str(folder), files=0, commit=commit)


def _made_by(folder: Path) -> str:
    """The run that wrote the folder's repository; empty where it does not say."""
    try:
        manifest = json.loads((folder / MARK).read_bytes())
    except (OSError, ValueError):
        return ""
    return str(manifest.get("run", "")) if isinstance(manifest, dict) else ""


class ServerStore(BaseStore):
    """The server's bodies, for reading.  What is not what its key says is refused."""

    def __init__(self, client: "LangGraphClient") -> None:
        self._client = client
        self._room = MAX_BYTES

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        raise NotImplementedError("a server's store is read asynchronously")

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        return [await self._get(op) for op in ops if isinstance(op, GetOp)]

    async def _get(self, op: GetOp) -> Item | None:
        try:
            item = await self._client.store.get_item(op.namespace, key=op.key)
        except httpx.HTTPStatusError as error:
            if error.response.status_code == httpx.codes.NOT_FOUND:
                return None
            raise
        if not item:
            return None
        self._check(op.key, item["value"])
        return Item(
            value=item["value"], key=op.key, namespace=op.namespace,
            created_at=item["created_at"], updated_at=item["updated_at"],
        )  # fmt: skip

    def _check(self, key: str, value: Mapping[str, Any]) -> None:
        content = str(value.get("text", "")).encode("utf-8", "surrogatepass")
        self._room -= len(content)
        if self._room < 0:
            raise ServerError(f"The server's repository has more than {MAX_BYTES:,} bytes.", "Fetch it by hand.")
        if hashlib.sha256(content).hexdigest() != key:
            raise ServerError(f"The server's body {key[:12]} is not what its hash says.", "Do not trust this server.")
