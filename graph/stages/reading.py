"""The pipeline's first node: the paper is read, and the base repository if there is one."""

import asyncio
from dataclasses import replace

from langgraph.runtime import Runtime

from agents.context import Material
from agents.estimate import estimate
from agents.events import emit_event
from agents.figures import as_prompt, drawn
from graph.changes import Changes, lineage
from graph.material import store_of
from graph.paper import read_paper, summary_of
from graph.progress import begin, end
from graph.serving import readable
from papercoder.documents.album import Images
from papercoder.publication.base import read_base
from papercoder.storage.bodies import put_body, put_images
from state.context import Context
from state.counts import counted
from state.events import Estimated, Warned
from state.paper import Paper, ShownFigure
from state.pipeline import PaperSummary, PipelineState


async def reading(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Read the paper, and the base repository if there is one, into the store."""
    begin(runtime, "reading")
    store = store_of(runtime)
    images: Images = {}
    paper = await asyncio.to_thread(read_paper, state, runtime, images)
    shown, unshown = await _shown(paper, images, runtime)
    await put_images(store, images)
    summary = summary_of(paper, await put_body(store, paper.model_dump_json()), shown)
    material = Material(context=runtime.context, paper=paper, images=tuple(as_prompt(one, "") for one in shown))
    left_out = [f"the model's window is too small for {what}" for what in material.shown_paper[1]]
    for warning in (*paper.warnings, *unshown, *left_out):
        emit_event(runtime.stream_writer, Warned(text=warning))
    base = await asyncio.to_thread(_read_base, state, runtime)
    takes = await asyncio.to_thread(estimate, replace(material, base=base))
    emit_event(runtime.stream_writer, Estimated(estimate=takes))
    end(runtime, "reading", f"{paper.title}: {_content(summary)}"
         + (f"; models see {', '.join(dict.fromkeys(one.anchor for one in shown))}" if shown else ""))  # fmt: skip
    return {
        "paper": summary,
        "base_files": {path: await put_body(store, text) for path, text in base.items()},
        "text": "",  # it is in the store now
        "upload": None,
        "base_packages": None,  # of another paper's repository, like its revisions
        "revisions": [],
        **lineage(runtime),
    }


def _content(paper: PaperSummary) -> str:
    return ", ".join(
        (
            counted(paper.sections, "section"),
            counted(paper.equations, "equation"),
            counted(paper.tables, "table"),
            counted(paper.algorithms, "algorithm"),
        )
    )


def _read_base(state: PipelineState, runtime: Runtime[Context]) -> dict[str, str]:
    return dict(read_base(readable(runtime, state["base"]))) if state.get("base") else {}


async def _shown(paper: Paper, images: Images, runtime: Runtime[Context]) -> tuple[list[ShownFigure], list[str]]:
    """The figures that models are shown, whose bytes join the images; what went wrong."""
    if not runtime.context.figures:
        return [], []
    shown, contents, problems = await asyncio.to_thread(drawn, paper, images)
    images |= contents
    return shown, problems
