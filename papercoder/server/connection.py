"""The connection to a server, and its failures in words."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import httpx

from state.errors import ServerError

if TYPE_CHECKING:
    from langgraph_sdk.client import LangGraphClient

TOKEN = "PAPERCODER_SERVER_TOKEN"
"""The environment variable whose value goes along as `Authorization: Bearer …`."""

GRAPH = "papercoder"

_NEXT = {
    401: f"Set {TOKEN} to a token that the server accepts.",
    403: f"The token in {TOKEN} may not do this: ask for another.",
    404: "Check the address given as --server, and the thread's id.",
    409: "The thread is at work: wait for it, or follow it with: papercoder resume",
    413: "The paper is larger than the server takes: send it without its figures.",
}


@asynccontextmanager
async def connected(url: str) -> "AsyncIterator[LangGraphClient]":
    """A client of the server at `url`.  Keys meant for other servers stay here: only `TOKEN` is sent."""
    from langgraph_sdk import get_client

    await _reached(url)
    token = os.environ.get(TOKEN, "").strip()
    client = get_client(url=url, api_key=None, headers={"Authorization": f"Bearer {token}"} if token else None)
    try:
        yield client
    finally:
        await client.aclose()


async def _reached(url: str) -> None:
    """Whether anything answers, whatever it says: the SDK would try for eight seconds before it said no."""
    with in_words(url):
        async with httpx.AsyncClient(trust_env=False, timeout=30) as probe:
            await probe.get(url)


@contextmanager
def in_words(url: str) -> Iterator[None]:
    """Failures of the connection become `ServerError`."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise ServerError(
            f"The server {url} refuses: HTTP {status}: {_said(error)}", _NEXT.get(status, "See the server's log.")
        ) from error
    except httpx.TransportError as error:
        raise ServerError(
            f"The server {url} cannot be reached ({type(error).__name__}: {error}).",
            "Start it (`langgraph dev`), or check the address given as --server. A run that has begun goes on there.",
        ) from error


def _said(error: httpx.HTTPStatusError) -> str:
    """The server's own words, short."""
    notes = [*getattr(error, "__notes__", ()), getattr(error, "message", "")]
    return (next(filter(None, notes), "") or error.response.reason_phrase)[:300]
