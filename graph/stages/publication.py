"""The pipeline's last node: the repository is written."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from langgraph.runtime import Runtime

from agents.context import Material
from agents.events import emit_event
from agents.model import run_of
from graph.audit import audit_of
from graph.changes import Changes
from graph.material import code_of, material_of, store_of, typed
from graph.progress import begin, end
from graph.revising import revisions_told
from graph.serving import writable
from papercoder.publication import Audit, publish
from papercoder.storage.process import home_folder
from state.context import Context
from state.counts import counted
from state.events import Warned
from state.paths import confine
from state.pipeline import PipelineState, revision_at_work
from state.published import Published


async def publication(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Write the repository."""
    begin(runtime, "publication")
    store = store_of(runtime)
    material = await material_of(state, runtime.context, store)
    code = await code_of(state, material, store)
    audit = await audit_of(state, material, code, store)
    since = typed(Published, state.get("published")) if revision_at_work(state) else None
    published = await asyncio.to_thread(_publish, state, runtime, material, code, audit, since)
    for warning in published.warnings:
        emit_event(runtime.stream_writer, Warned(text=warning))
    end(runtime, "publication", f"{counted(published.files, 'file')} in {published.folder}")
    told = await revisions_told(state, material, store)
    return {"published": published, "revisions": [one.model_copy(update={"published": True}) for one in told]}


def _publish(
    state: PipelineState, runtime: Runtime[Context], material: Material, code: Mapping[str, str], audit: Audit,
    since: Published | None,
) -> Published:  # fmt: skip
    run = run_of(runtime)
    if named := state.get("output"):
        return publish(material, code, writable(runtime, named), run, audit, since)
    own = confine(home_folder().absolute() / "repositories", run)  # a server's client may choose the id
    # whoever edits and goes on wants the newest there
    renewing = replace(material, context=material.context.model_copy(update={"overwrite": True}))
    return publish(renewing, code, own, run, audit, since)
