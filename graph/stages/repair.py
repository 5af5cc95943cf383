"""The nodes of a repair: the repository is read, run and mended, and the edits are written back."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from langgraph.runtime import Runtime

from agents.events import emit_event
from agents.existing import BROUGHT, PAPER_TEXT, Existing, brought
from agents.model import inherit
from agents.running import Runner
from graph.changes import Changes, lineage
from graph.evaluation_material import files_of, keep_files
from graph.execution import attempts_of, in_words, until_it_runs
from graph.material import paper_of, store_of, typed
from graph.paper import read_paper, summary_of
from graph.progress import begin, end
from graph.refinement import REFINEMENT
from graph.serving import readable, writable
from papercoder.execution.copying import digest_of_rest, names_in
from papercoder.publication.base import read_base
from papercoder.publication.executions import commit_message
from papercoder.publication.mended import check_clean, write_back
from papercoder.storage.bodies import get_body, put_body
from papercoder.texts import text_of
from state.context import Context
from state.counts import counted
from state.events import Warned
from state.execution import Execution
from state.pipeline import PaperSummary
from state.repair import RepairRequest, RepairState

MAX_BROUGHT_BYTES = 2_000_000


async def reading(state: RepairState, runtime: Runtime[Context]) -> Changes:
    """Read the repository, and its paper if there is one."""
    begin(runtime, "reading")
    store, folder, asked = store_of(runtime), _folder(state, runtime), _request(state)
    await asyncio.to_thread(check_clean, folder)
    files = await asyncio.to_thread(_read, folder)
    summary_ = None
    if asked.has_paper:
        paper = await asyncio.to_thread(read_paper, state, runtime)
        summary_ = summary_of(paper, await put_body(store, paper.model_dump_json()))
        for warning in paper.warnings:
            emit_event(runtime.stream_writer, Warned(text=warning))
    parts = [f"{counted(len(files), 'text')} in {folder.name}", _judged_by(files, summary_.title if summary_ else "")]
    end(runtime, "reading", "; ".join(parts))
    return {"paper": summary_, "files": await keep_files(store, files), "text": "", "upload": None,
            **lineage(runtime)}  # fmt: skip


async def execution(state: RepairState, runtime: Runtime[Context]) -> Changes:
    """Run the repository in a sandbox, and mend it until it runs."""
    begin(runtime, "execution")
    await inherit(runtime, state.get("lineage") or [])
    store, folder = store_of(runtime), _folder(state, runtime)
    files = await files_of(store, state["files"])
    given = typed(PaperSummary, state.get("paper"))
    paper = paper_of(await get_body(store, given.body)) if given else None
    runner = Runner(runtime, "execution", base=folder)
    there = await asyncio.to_thread(names_in, folder)
    existing = Existing(runtime.context, files, paper, runner.run, there)
    runner.rest = await asyncio.to_thread(digest_of_rest, folder, set(existing.first))
    texts, critique, came = await until_it_runs(runtime, existing, REFINEMENT)
    return {
        "execution": came,
        "mended": await keep_files(store, texts),
        "critiques": {"execution": await put_body(store, critique.model_dump_json())},
        **lineage(runtime),
    }


async def publication(state: RepairState, runtime: Runtime[Context]) -> Changes:
    """Write the edits back, where they are still edits of what is there."""
    begin(runtime, "publication")
    store = store_of(runtime)
    before, after = await files_of(store, state["files"]), await files_of(store, state["mended"])
    attempts = await attempts_of(state, store)
    folder = await asyncio.to_thread(_written_to, state, runtime)
    message = commit_message(attempts, state["execution"].kept)
    published = await asyncio.to_thread(write_back, folder, before, after, message)
    problem = _unsound(state["execution"])
    warnings = [problem] * bool(problem) + published.warnings
    published = published.model_copy(update={"warnings": warnings, "runs": not problem})
    for warning in published.warnings:
        emit_event(runtime.stream_writer, Warned(text=warning))
    end(runtime, "publication", f"{counted(published.files, 'file')} changed in {published.folder}"
         + (f", commit {published.commit[:8]}" if published.commit else ""))  # fmt: skip
    return {"published": published}


def _judged_by(files: Mapping[str, str], title: str) -> str:
    """The paper that tests are held against; what the repository brings along of a design."""
    own = brought(files)
    if title or PAPER_TEXT in files:
        return "; ".join(part for part in (title, f"it brings along {own}" if own else "") if part)
    return "there is no paper, so no test can be found wrong: --paper names one"


def _unsound(execution: Execution) -> str:
    return "" if execution.status == "passed" else f"it does not run as a whole: {in_words(execution)}"


def _read(folder: Path) -> dict[str, str]:
    """Its texts, and what it brings of a design."""
    brought = {path: text_of(folder / path, MAX_BROUGHT_BYTES) for path in BROUGHT}
    return {**read_base(folder), **{path: text for path, text in brought.items() if text}}


def _request(state: RepairState) -> RepairRequest:
    return RepairRequest.model_validate(state["request"], from_attributes=True)


def _folder(state: RepairState, runtime: Runtime[Context]) -> Path:
    return readable(runtime, _request(state).repository)


def _written_to(state: RepairState, runtime: Runtime[Context]) -> Path:
    return writable(runtime, _request(state).repository)
