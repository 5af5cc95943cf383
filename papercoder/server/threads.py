"""What a server knows: our graph, its threads, with which settings they work and how far they are."""

import re
from typing import TYPE_CHECKING, Any, cast

import httpx
from pydantic import ValidationError

from graph.pipeline import stage_of
from papercoder.server.connection import GRAPH
from state.context import REVISION_STAGES, STAGES, Context, RevisionStage, Stage, position
from state.errors import InputError, ServerError
from state.review import Answer, ApprovalRequest

if TYPE_CHECKING:
    from langgraph_sdk.client import LangGraphClient
    from langgraph_sdk.schema import Thread

PLAIN = re.compile(r"[A-Za-z0-9_-]{1,100}")
SCHEMAS = ("context_schema", "input_schema")
NOTES = "papercoder"
"""Where a thread's metadata says with which settings it works, and what its repository is called here."""


async def check_version(client: "LangGraphClient", url: str, context: Context) -> None:
    """The server has our graph, and knows the settings that it will be sent."""
    try:
        ours = await client.assistants.search(graph_id=GRAPH)
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.NOT_FOUND:
            raise
        ours = []
    if not ours:
        raise ServerError(
            f"The server {url} has no graph named {GRAPH!r}.",
            "Start it with papercoder's langgraph.json, or check the address given as --server.",
        )
    schemas = await client.assistants.get_schemas(ours[0]["assistant_id"])
    settings, form = ((cast("Any", schemas).get(key) or {}).get("properties", {}) for key in SCHEMAS)
    missing = (sent(context).keys() - settings.keys()) | ({"upload"} - form.keys())
    if missing:
        raise ServerError(
            f"The papercoder of the server {url} is of another version: it does not know {_listed(missing)}.",
            "Use the same version here and there, or leave that setting out.",
        )


async def found(client: "LangGraphClient", url: str, run: str) -> "Thread":
    """The thread with this id.  InputError if there is none."""
    try:
        if PLAIN.fullmatch(run):
            return await client.threads.get(run)
    except httpx.HTTPStatusError as error:
        if error.response.status_code not in (httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY):
            raise
    raise InputError(f"The server {url} has no thread {run!r}.", "Give the id that `papercoder run` told.")


async def noted(
    client: "LangGraphClient", thread: "Thread", changes: dict[str, Any] | None, *, force: bool
) -> tuple[Context, str]:
    """The thread's settings with the changes, and its repository's name; a thread of Studio's has its own."""
    kept = (thread["metadata"] or {}).get(NOTES) or {}
    settings = kept.get("context") or await _settings(client, thread["thread_id"])
    try:
        before = Context.model_validate(settings)
        budget = {**before.budget.model_dump(), **(changes or {}).get("budget", {})}
        changed = {**before.model_dump(), **(changes or {}), "budget": budget, "overwrite": force}
        context = Context.model_validate(changed)
    except ValidationError as error:
        raise InputError(f"These settings do not fit: {error}", "See: papercoder resume --help") from error
    return context, str(kept.get("folder") or f"{thread['thread_id'][:8]}-code")


async def _settings(client: "LangGraphClient", thread: str) -> dict[str, Any]:
    """Those of the thread's newest run."""
    runs = await client.runs.list(thread, limit=1)
    newest = cast("dict[str, Any]", runs[0]) if runs else {}
    return (newest.get("kwargs") or {}).get("context") or {}


async def going_on(client: "LangGraphClient", thread: "Thread", answer: Answer | None) -> dict[str, Any] | None:
    """What the thread's next run is given, or which run to follow; None where there is nothing left to do."""
    run = thread["thread_id"]
    at_work = [one for one in await client.runs.list(run) if one["status"] in ("running", "pending")]
    state = await client.threads.get_state(run)
    if answer and (at_work or not request(state)):
        raise InputError(f"The run {run} does not wait for an answer.", "Leave the answer out.")
    if at_work:
        return {"join": at_work[0]["run_id"]}
    if answer:
        return {"command": {"resume": answer.model_dump(mode="json")}}
    values = cast("dict[str, Any]", state["values"])
    return {"input": None} if ahead(state) or not values.get("published") else None


def notes(context: Context, folder: str) -> dict[str, Any]:
    """The metadata of a thread."""
    return {NOTES: {"context": sent(context), "folder": folder}}


def sent(context: Context) -> dict[str, Any]:
    """The settings as the server gets them: what is not the default, and the model in any case.

    Whether a folder here may be replaced says nothing about one there.
    """
    return {**context.model_dump(mode="json", exclude_defaults=True, exclude={"overwrite"}), "model": context.model}


def plain(thread: str) -> str:
    """The thread's id, which goes into messages and file names."""
    if not PLAIN.fullmatch(thread):
        raise ServerError("The server names its thread in a way that cannot be used.", "Do not trust this server.")
    return thread


def request(state: Any) -> ApprovalRequest | None:
    """What a person is asked at the gate where the thread waits; None if it waits at none."""
    waiting = [interrupt for task in state["tasks"] for interrupt in task["interrupts"]]
    return ApprovalRequest.model_validate(waiting[0]["value"]) if waiting else None


def ahead(state: Any) -> Stage | RevisionStage | None:
    """The stage that comes next, or waits for a person's word."""
    known = {*STAGES, *REVISION_STAGES}
    stages = (cast(Stage | RevisionStage, stage_of(node)) for node in state["next"] if stage_of(node) in known)
    return min(stages, key=position, default=None)


def _listed(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
