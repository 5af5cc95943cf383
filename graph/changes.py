"""What a node returns beside its artifact."""

from collections.abc import Mapping
from typing import Any

from langgraph.runtime import Runtime

from agents.model import run_of
from graph.material import store_of
from papercoder.storage.bodies import put_body
from state.body import Body
from state.context import Context, Stage
from state.critique import Critique
from state.pipeline import PipelineState, review_of

Changes = dict[str, Any]


def lineage(runtime: Runtime[Context]) -> Changes:
    """Whose answer this is: a copy of the thread finds it in the journal under that name."""
    return {"lineage": [run_of(runtime)]}


def mended(state: PipelineState, stage: Stage) -> Changes:
    """The findings that a revision has answered are findings no more."""
    review = review_of(state, stage)
    return {"reviews": {stage: review.mended()}} if review.findings else {}


async def reviewed(state: PipelineState, runtime: Runtime[Context], stage: Stage, critique: Critique) -> Changes:
    """How the artifact came about, kept beside it."""
    body = await put_body(store_of(runtime), critique.model_dump_json())
    return {"critiques": {stage: body}, **mended(state, stage), **lineage(runtime)}


async def stored(runtime: Runtime[Context], code: Mapping[str, str]) -> dict[str, Body]:
    """The code as bodies; what did not change is in the store already, under the same hash."""
    return {path: await put_body(store_of(runtime), text) for path, text in code.items()}
