"""Who may use the server: bearer tokens from the environment.  What a user starts is the user's own.

PAPERCODER_TOKENS holds `NAME:TOKEN` pairs, separated by commas.  A client sends `Authorization: Bearer TOKEN`.
Nothing here raises while the module is loaded: a server that cannot load its authentication may start without any.
"""

import hmac
import os
from typing import Any

from langgraph_sdk import Auth

auth = Auth()

SHORTEST = 24
"""Characters of a token: what `openssl rand -hex 16` prints has 32."""

READING = ("read", "search")


def users() -> dict[str, str]:
    """Token → name.  A pair without a name, or with a token that could be guessed, counts for nothing."""
    pairs = (pair.strip().partition(":") for pair in os.environ.get("PAPERCODER_TOKENS", "").split(","))
    return {token: name for name, _, token in pairs if name and len(token) >= SHORTEST}


def name_of(authorization: str) -> str | None:
    """Every token is compared, in constant time each, so that the time tells nothing."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    named = [name for token, name in users().items() if hmac.compare_digest(token.encode(), given.strip().encode())]
    return named[0] if named else None


@auth.authenticate
async def authenticate(headers: dict[Any, Any]) -> Auth.types.MinimalUserDict:
    """Headers are bytes in LangGraph's server, which finds the argument by its name, and text in Aegra."""
    given = headers.get("authorization") or headers.get(b"authorization") or ""
    name = name_of(given.decode("latin-1") if isinstance(given, bytes) else given)
    if name is None:
        raise Auth.exceptions.HTTPException(status_code=401, detail="Send a token: Authorization: Bearer TOKEN.")
    return {"identity": name}


@auth.on
async def refuse(ctx: Auth.types.AuthContext, value: Any) -> bool:
    """What is not allowed below: schedules, and whatever a later version of the server offers."""
    return False


@auth.on.threads
async def own_threads(ctx: Auth.types.AuthContext, value: Any) -> dict[str, str]:
    """Threads, their states and their runs: of who made them.  Nobody gives one away by naming another owner."""
    owner = {"owner": ctx.user.identity}
    if ctx.action in ("create", "update", "create_run"):
        if value.get("metadata") is None:
            value["metadata"] = {}
        value["metadata"].update(owner)  # in place: the server looks at the dictionary that it gave us
    return owner


@auth.on.assistants
async def shared_assistants(ctx: Auth.types.AuthContext, value: Any) -> bool:
    """The graph with its default settings is everyone's to use, and nobody's to change."""
    return ctx.action in READING


@auth.on.store
async def own_store(ctx: Auth.types.AuthContext, value: Any) -> bool:
    """Only below one's own name: what runs keep (papers, code) is in the store under names that are no user's."""
    namespace = tuple(value.get("namespace") or ())
    return bool(namespace) and namespace[0] == f"user-{ctx.user.identity}"
