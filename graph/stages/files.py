"""The nodes that go through the files of the repository: their tests, their analyses, their code."""

from dataclasses import replace

from langgraph.runtime import Runtime

from agents.analyst import analyst
from agents.events import emit_event
from agents.model import ask, run_of
from graph import dataflow
from graph.changes import Changes, lineage
from graph.files import Files
from graph.material import agreed, gather, store_of
from graph.progress import begin, end
from graph.refinement import REFINEMENT
from graph.side_by_side import side_by_side
from graph.testing import Testing
from papercoder.storage.bodies import put_body
from state.body import Body
from state.context import Context, Stage
from state.counts import counted
from state.events import FileFinished
from state.pipeline import PipelineState


async def testing(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Write tests of each file from the paper and its contract, before there is code."""
    if not runtime.context.tests:
        begin(runtime, "testing")
        end(runtime, "testing", "left out, as asked")
        return {"tests": None}
    material = agreed(await gather(state, runtime))
    written = Testing(runtime, material, REFINEMENT)  # named here: that is how Studio finds it
    begin(runtime, "testing", len(written.paths))
    async with side_by_side(run_of(runtime)):
        await written.all()
    end(runtime, "testing", f"{counted(written.number, 'test')} in {counted(len(written.kept), 'file')}"
         + (f", none of {', '.join(written.untested)}" if written.untested else ""))  # fmt: skip
    return {"tests": written.changes, "critiques": written.critiques, **lineage(runtime)}


async def analysis(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Think every file through, all side by side."""
    material = replace(agreed(await gather(state, runtime)), analyses={})
    assert material.logic
    paths = material.logic.order()
    begin(runtime, "analysis", len(paths))

    async def analyse(path: str) -> Body:
        text = await ask(runtime, analyst(material, path).question)
        return await _keep(runtime, "analysis", path, text)

    async with side_by_side(run_of(runtime)):
        analyses = await dataflow.each(paths, analyse)
    end(runtime, "analysis", counted(len(analyses), "file"))
    return {"analyses": analyses, **lineage(runtime)}


async def coding(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Write every file, each as soon as its analysis is reviewed and the files it depends on are written."""
    material = agreed(await gather(state, runtime))
    assert material.logic
    graph = material.logic.dependencies()
    begin(runtime, "coding", len(graph))
    files = Files(runtime, material, REFINEMENT)  # named here: that is how Studio finds it
    texts = await files.written()
    lines = sum(text.count("\n") for text in texts.values())
    end(runtime, "coding", f"{counted(len(texts), 'file')}, {counted(lines, 'line')}")
    return {"code": files.code, "analyses": files.analyses, "critiques": files.critiques, **lineage(runtime)}


async def _keep(runtime: Runtime[Context], stage: Stage, path: str, text: str) -> Body:
    body = await put_body(store_of(runtime), text)
    emit_event(runtime.stream_writer, FileFinished(stage=stage, file=path))
    return body
