"""What a server knows: our graph, its threads, with which settings they work and how far they are."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from graph.pipeline import stage_of
from papercoder.server.connection import GRAPH
from state.context import REVISION_STAGES, STAGES, Context, RevisionStage, Stage, position
from state.errors import InputError, ServerError
from state.pipeline import PipelineState, revision_at_work, revisions_of
from state.review import Answer, ApprovalRequest

if TYPE_CHECKING:
    from langgraph_sdk.client import LangGraphClient
    from langgraph_sdk.schema import Thread

PLAIN = re.compile(r"[A-Za-z0-9_-]{1,100}")
SCHEMAS = ("context_schema", "input_schema")
NOTES = "papercoder"
"""Where a thread's metadata holds our `Notes`."""
MOST_COMMITS = 50


class Remark(BaseModel):
    """What the user of a finished repository asked for, and how many revisions its state had taken in by then."""

    model_config = ConfigDict(frozen=True)

    text: str
    after: int


class Notes(BaseModel):
    """With which settings a thread works, what its repository is called here, and the commits it was fetched as."""

    model_config = ConfigDict(frozen=True)

    context: Context
    folder: str
    commits: tuple[str, ...] = ()
    remark: Remark | None = None

    @property
    def metadata(self) -> dict[str, Any]:
        others = self.model_dump(mode="json", exclude={"context"}, exclude_defaults=True)
        return {NOTES: {**others, "context": sent(self.context)}}

    def asking(self, remark: str, values: Mapping[str, Any]) -> "Notes":
        taken = len(revisions_of(cast(PipelineState, values)))
        return self.model_copy(update={"remark": Remark(text=remark, after=taken)})

    def fetched(self, commit: str) -> "Notes":
        known = dict.fromkeys([*self.commits, *([commit] if commit else [])])
        return self.model_copy(update={"commits": tuple(known)[-MOST_COMMITS:]})

    def pending(self, values: Mapping[str, Any]) -> str:
        """A remark that the state has not taken in: its run may have been cancelled before anything was kept of it."""
        taken = len(revisions_of(cast(PipelineState, values)))
        return self.remark.text if self.remark and taken <= self.remark.after else ""


async def check_version(client: "LangGraphClient", url: str, context: Context, given: str = "upload") -> None:
    """The server has our graph, and knows the settings that it will be sent, and what it is given."""
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
    missing = (sent(context).keys() - settings.keys()) | ({given} - form.keys())
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
) -> Notes:  # fmt: skip
    """The thread's notes, its settings with the changes; a thread of Studio's has settings and no notes."""
    try:
        kept = (thread["metadata"] or {}).get(NOTES) or {}
        settings = kept.get("context") or await _settings(client, thread["thread_id"])
        notes = Notes.model_validate({"folder": f"{thread['thread_id'][:8]}-code", **kept, "context": settings})
        budget = {**notes.context.budget.model_dump(), **(changes or {}).get("budget", {})}
        changed = {**notes.context.model_dump(), **(changes or {}), "budget": budget, "overwrite": force}
        return notes.model_copy(update={"context": Context.model_validate(changed)})
    except ValidationError as error:
        raise InputError(f"These settings do not fit: {error}", "See: papercoder resume --help") from error


async def _settings(client: "LangGraphClient", thread: str) -> dict[str, Any]:
    """Those of the thread's newest run."""
    runs = await client.runs.list(thread, limit=1)
    newest = cast("dict[str, Any]", runs[0]) if runs else {}
    return (newest.get("kwargs") or {}).get("context") or {}


async def going_on(
    client: "LangGraphClient", thread: "Thread", state: Any, notes: Notes, answer: Answer | None
) -> dict[str, Any] | None:
    """What the thread's next run is given, or which run to follow; None where there is nothing left to do."""
    run = thread["thread_id"]
    at_work = await _at_work(client, run)
    if answer and (at_work or not request(state)):
        raise InputError(f"The run {run} does not wait for an answer.", "Leave the answer out.")
    if at_work:
        return {"join": at_work[0]}
    if answer:
        return {"command": {"resume": answer.model_dump(mode="json")}}
    values = cast("dict[str, Any]", state["values"])
    if ahead(state) or not values.get("published"):
        return {"input": None}
    remark = notes.pending(values)
    return {"input": {"remark": remark}} if remark else None


async def check_finished(client: "LangGraphClient", url: str, run: str, state: Any, notes: Notes) -> None:
    """Only what is finished can be revised.  `InputError` says what comes before."""
    again = f"papercoder resume {run} --server {url}"
    if await _at_work(client, run):
        raise InputError(f"The run {run} is at work on the server.", f"Follow it to its end: {again}; then revise it.")
    if (asked := request(state)) or (stage := ahead(state)):
        where = f"waits for your approval of {asked.stage}" if asked else f"stopped before {stage}"
    elif not state["values"].get("published"):
        where = "has published nothing"
    elif notes.pending(state["values"]):
        where = "has a revision ahead that was stopped"
    else:
        return
    raise InputError(
        f"The run {run} is not finished: it {where}.", f"Let it come to its end first: {again}; then revise it."
    )


async def _at_work(client: "LangGraphClient", run: str) -> list[str]:
    """The thread's runs that are at work."""
    return [one["run_id"] for one in await client.runs.list(run) if one["status"] in ("running", "pending")]


def revises(state: Any, notes: Notes) -> bool:
    """What the thread's next run does is, or belongs to, a revision of a finished repository."""
    values = cast(PipelineState, state["values"])
    return bool(values.get("published")) and bool(
        revision_at_work(values) or ahead(state) == "revision" or notes.pending(values)
    )


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
