"""The nodes: each gathers what it needs, asks its agent, and returns what changed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore

from agents import specifier
from agents.analyst import analyst
from agents.architect import architect
from agents.assessing import Assessed
from agents.configurator import configurator
from agents.context import Material
from agents.debugger import Integrated
from agents.editable_texts import taken_in
from agents.estimate import estimate
from agents.executing import Executed
from agents.figures import as_prompt, drawn
from agents.logic_designer import logic_designer
from agents.mendable import Designed
from agents.model import ask, is_served, run_of
from agents.planner import planner
from agents.refining import Authored
from agents.session import emit_event
from graph import dataflow
from graph.audit import audit_of
from graph.execution import attempts_of, executes, in_words, not_executed, summary
from graph.files import Files
from graph.material import agreed, code_of, gather, material_of, store_of, typed
from graph.refinement import REFINEMENT, refined
from graph.revising import Revising, before_revision, remark_in, revisions_told, settled
from graph.serving import located, readable, writable
from graph.side_by_side import side_by_side
from graph.testing import Testing
from graph.walkthrough import walk
from papercoder.documents import DocumentError
from papercoder.documents.album import Images
from papercoder.documents.received import read_text, read_upload
from papercoder.documents.sources import read_sources
from papercoder.publication import Audit, publish
from papercoder.publication.base import read_base
from papercoder.storage.bodies import put_body, put_images
from papercoder.storage.process import home_folder
from state.assessment import Coverage
from state.body import Body
from state.context import AnyStage, Context, Stage
from state.critique import Critique
from state.errors import AnswerUnusable, InputError
from state.events import Estimated, FileFinished, Revised, StageFinished, StageStarted, Warned
from state.execution import Execution
from state.paper import Paper, ShownFigure
from state.paths import confine
from state.pipeline import (
    PaperInput,
    PaperSummary,
    PipelineState,
    Upload,
    review_of,
    revision_at_work,
    revisions_of,
)
from state.published import Published
from state.revision import Revision
from state.shares import percent

Changes = dict[str, Any]


async def reading(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Read the paper, and the base repository if there is one, into the store."""
    _begin(runtime, "reading")
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
    _end(runtime, "reading", f"{paper.title}: {summary.sections} sections, {summary.equations} equations, "
         f"{summary.tables} tables, {summary.algorithms} algorithms"
         + (f"; models see {', '.join(dict.fromkeys(one.anchor for one in shown))}" if shown else ""))  # fmt: skip
    return {
        "paper": summary,
        "base_files": {path: await put_body(store, text) for path, text in base.items()},
        "text": "",  # it is in the store now
        "upload": None,
        "revisions": [],  # of another paper's repository
        **_lineage(runtime),
    }


async def specification(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Turn the paper into requirements, each with its quote; what it leaves open is decided here."""
    _begin(runtime, "specification")
    found = await specifier.specify(runtime, await gather(state, runtime))
    silent = sum(requirement.status != "specified" for requirement in found.requirements)
    _end(runtime, "specification", f"{len(found.requirements)} requirements, {silent} of them with open choices, "
         f"{len(found.contradictions)} contradictions, {len(found.unverified)} quotes unverified")  # fmt: skip
    return {"specification": found, **_mended(state, "specification"), **_lineage(runtime)}


async def planning(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Write the overall plan."""
    _begin(runtime, "planning")
    author = planner(await gather(state, runtime))
    plan, critique = await refined(REFINEMENT, Authored(runtime, author))
    items = len(plan.method) + len(plan.data) + len(plan.experiments) + len(plan.metrics)
    _end(runtime, "planning", f"{items} items, {len(plan.expected_results)} results to compare, "
         f"{len(plan.open_choices)} open choices")  # fmt: skip
    return {"plan": plan, **await _reviewed(state, runtime, "planning", critique)}


async def architecture(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Design files, contracts and diagrams."""
    _begin(runtime, "architecture")
    author = architect(await gather(state, runtime))
    design, critique = await refined(REFINEMENT, Authored(runtime, author))
    symbols = sum(len(file.symbols) for file in design.files)
    _end(runtime, "architecture", f"{len(design.files)} files, {symbols} symbols")
    return {"architecture": design, **await _reviewed(state, runtime, "architecture", critique)}


async def logic(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Order the files by their dependencies and say what each does."""
    _begin(runtime, "logic")
    author = logic_designer(await gather(state, runtime))
    design, critique = await refined(REFINEMENT, Authored(runtime, author))
    edges = sum(len(task.depends_on) for task in design.tasks)
    _end(runtime, "logic", f"{len(design.tasks)} tasks, {edges} dependencies, {len(design.packages)} packages")
    return {"logic": design, **await _reviewed(state, runtime, "logic", critique)}


async def configuration(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Fill config.yaml, every value with its source."""
    _begin(runtime, "configuration")
    author = configurator(agreed(await gather(state, runtime)))
    settings, critique = await refined(REFINEMENT, Authored(runtime, author))
    unsourced = sum(not value.source for value in settings.values)
    _end(runtime, "configuration", f"{len(settings.values)} values, {unsourced} of them not in the paper")
    return {"configuration": settings, **await _reviewed(state, runtime, "configuration", critique)}


async def testing(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Write tests of each file from the paper and its contract, before there is code."""
    if not runtime.context.tests:
        _begin(runtime, "testing")
        _end(runtime, "testing", "left out, as asked")
        return {"tests": None}
    material = agreed(await gather(state, runtime))
    written = Testing(runtime, material, REFINEMENT)  # named here: that is how Studio finds it
    _begin(runtime, "testing", len(written.paths))
    async with side_by_side(run_of(runtime)):
        await written.all()
    _end(runtime, "testing", f"{written.number} tests in {len(written.kept)} files"
         + (f", none of {', '.join(written.untested)}" if written.untested else ""))  # fmt: skip
    return {"tests": written.changes, "critiques": written.critiques, **_lineage(runtime)}


async def analysis(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Think every file through, all side by side."""
    material = replace(agreed(await gather(state, runtime)), analyses={})
    assert material.logic
    paths = material.logic.order()
    _begin(runtime, "analysis", len(paths))

    async def analyse(path: str) -> Body:
        text = await ask(runtime, analyst(material, path).question)
        return await _keep(runtime, "analysis", path, text)

    async with side_by_side(run_of(runtime)):
        analyses = await dataflow.each(paths, analyse)
    _end(runtime, "analysis", f"{len(analyses)} files")
    return {"analyses": analyses, **_lineage(runtime)}


async def coding(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Write every file, each as soon as its analysis is reviewed and the files it depends on are written."""
    material = agreed(await gather(state, runtime))
    assert material.logic
    graph = material.logic.dependencies()
    _begin(runtime, "coding", len(graph))
    files = Files(runtime, material, REFINEMENT)  # named here: that is how Studio finds it
    texts = await files.written()
    lines = sum(text.count("\n") for text in texts.values())
    _end(runtime, "coding", f"{len(texts)} files, {lines:,} lines")
    return {"code": files.code, "analyses": files.analyses, "critiques": files.critiques, **_lineage(runtime)}


async def revision(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Carry out what the user of the finished repository wants to be different."""
    _begin(runtime, "revision")
    remark = remark_in(state)
    material = agreed(await gather(state, runtime))
    code = await code_of(state, material, store_of(runtime))
    work = Revising(runtime, state, material, code, REFINEMENT, revisions_of(state), remark)
    done = await work.revised()
    emit_event(runtime.stream_writer, Revised(revision=done))
    _end(runtime, "revision", _told(done))
    return {
        **work.changes,
        "critiques": work.critiques,
        "revisions": [*work.before, done],
        "remark": "",
        **_lineage(runtime),
    }


async def integration(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Hold the files against each other and against the design, and mend what does not fit."""
    _begin(runtime, "integration")
    material, store = await gather(state, runtime), store_of(runtime)
    before = await before_revision(state, store)
    work = Integrated(runtime, material, await code_of(state, material, store), before.known if before else ())
    code, critique = await refined(REFINEMENT, work)
    _end(runtime, "integration", f"{len(critique.open)} findings open after {len(critique.versions) - 1} repairs")
    return {"code": await _changed(runtime, code), **await _reviewed(state, runtime, "integration", critique)}


async def execution(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Run the repository in a sandbox, and mend it until it runs: the code, or the tests where they are wrong."""
    _begin(runtime, "execution")
    if not runtime.context.execute:
        _end(runtime, "execution", "left out, as asked")
        return {"execution": not_executed("left out, as asked")}
    store = store_of(runtime)
    material = await gather(state, runtime)
    made = Designed(material, await code_of(state, material, store), executes(runtime, "execution"))
    work = Executed(runtime, made)
    texts, critique = await refined(REFINEMENT, work)
    came = await summary(store, work.attempts, critique.best)
    if came.reason:
        emit_event(runtime.stream_writer, Warned(text=f"The code was not run: {came.reason}"))
    _end(runtime, "execution", in_words(came))
    return {
        "execution": came,
        **await _mended_texts(runtime, material, texts),
        **await _reviewed(state, runtime, "execution", critique),
    }


async def assessment(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Hold the code against the requirements, and put in what it lacks."""
    _begin(runtime, "assessment")
    material = await gather(state, runtime)
    if not (runtime.context.assess and material.required):
        _end(runtime, "assessment", "left out, as asked" if material.required else "left out: nothing is required")
        return {}
    store = store_of(runtime)
    left_alone = settled(await before_revision(state, store), state, material)
    before = typed(Execution, state.get("execution"))
    ran = before is not None and before.status != "not run"
    execute = executes(runtime, "assessment") if runtime.context.execute and ran else None
    code = await code_of(state, material, store)
    work = Assessed(runtime, material, code, execute, settled=left_alone)
    code, critique = await refined(REFINEMENT, work)
    coverage = work.coverages[critique.best]
    _end(runtime, "assessment", f"{percent(critique.kept.score or 0)} of the requirements by weight, "
         f"{coverage.accepted_placebos} of {len(coverage.placebos)} placebos accepted")  # fmt: skip
    return {
        "coverage": coverage,
        "code": await _changed(runtime, code),
        **await _run_again(state, store, work, critique.best),
        **await _reviewed(state, runtime, "assessment", critique),
    }


async def walkthrough(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Lead a reader from the passages that matter to the code that carries them out, and run a check of each."""
    _begin(runtime, "walkthrough")
    if not runtime.context.notebook:
        _end(runtime, "walkthrough", "left out: --notebook asks for it")
        return {"notebook": None}
    material = await gather(state, runtime)
    code = await code_of(state, material, store_of(runtime))
    try:
        walked, critique = await walk(runtime, material, code, typed(Coverage, state.get("coverage")), REFINEMENT)
    except AnswerUnusable as error:
        emit_event(runtime.stream_writer, Warned(text=f"{error.cause} There is no walkthrough."))
        _end(runtime, "walkthrough", "none: the guide's answers could not be used")
        return {"notebook": None, **_lineage(runtime)}
    _end(runtime, "walkthrough", f"{len(walked.walkthrough.passages)} passages; {walked.report.words}")
    return {
        "notebook": await put_body(store_of(runtime), walked.model_dump_json()),
        **await _reviewed(state, runtime, "walkthrough", critique),
    }


async def publication(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Write the repository."""
    _begin(runtime, "publication")
    store = store_of(runtime)
    material = await material_of(state, runtime.context, store)
    code = await code_of(state, material, store)
    audit = await audit_of(state, material, code, store)
    since = typed(Published, state.get("published")) if revision_at_work(state) else None
    published = await asyncio.to_thread(_publish, state, runtime, material, code, audit, since)
    for warning in published.warnings:
        emit_event(runtime.stream_writer, Warned(text=warning))
    _end(runtime, "publication", f"{published.files} files in {published.folder}")
    told = await revisions_told(state, material, store)
    return {"published": published, "revisions": [one.model_copy(update={"published": True}) for one in told]}


def _told(revision: Revision) -> str:
    if not revision.carried_out:
        return f"nothing is changed. {revision.answer}"
    parts = [*revision.artifacts, *(f"requirement {id}" for id in revision.requirements), *revision.files]
    gone = [f"without {path}" for path in revision.removed]
    return ", ".join([*parts, *gone]) or "no file is concerned"


def _lineage(runtime: Runtime[Context]) -> Changes:
    """Whose answer this is: a copy of the thread finds it in the journal under that name."""
    return {"lineage": [run_of(runtime)]}


def _mended(state: PipelineState, stage: Stage) -> Changes:
    """The findings that a revision has answered are findings no more."""
    review = review_of(state, stage)
    return {"reviews": {stage: review.mended()}} if review.findings else {}


async def _reviewed(state: PipelineState, runtime: Runtime[Context], stage: Stage, critique: Critique) -> Changes:
    """How the artifact came about, kept beside it."""
    body = await put_body(store_of(runtime), critique.model_dump_json())
    return {"critiques": {stage: body}, **_mended(state, stage), **_lineage(runtime)}


async def _mended_texts(runtime: Runtime[Context], material: Material, texts: Mapping[str, str]) -> Changes:
    """What a repair made of code, tests, packages and settings."""
    mended, code = taken_in(material, texts)
    changes: Changes = {"code": await _changed(runtime, code), "tests": await _changed(runtime, mended.tests)}
    if mended.logic != material.logic:
        changes["logic"] = mended.logic
    if mended.configuration != material.configuration:
        changes["configuration"] = mended.configuration
    return changes


async def _run_again(state: PipelineState, store: BaseStore, work: Assessed, best: int) -> Changes:
    """The versions that assessment made join those that execution made."""
    if not work.attempts:
        return {}
    before = typed(Execution, state.get("execution"))
    assert before
    earlier = await attempts_of(state, store)
    attempts = [*earlier, *(one.model_copy(update={"parent": before.kept}) for one in work.attempts)]
    return {"execution": await summary(store, attempts, len(earlier) + best - 1 if best else before.kept)}


async def _changed(runtime: Runtime[Context], code: Mapping[str, str]) -> dict[str, Body]:
    """The code as bodies; what did not change is in the store already, under the same hash."""
    return {path: await put_body(store_of(runtime), text) for path, text in code.items()}


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


async def _keep(runtime: Runtime[Context], stage: Stage, path: str, text: str) -> Body:
    body = await put_body(store_of(runtime), text)
    emit_event(runtime.stream_writer, FileFinished(stage=stage, file=path))
    return body


def _read_base(state: PipelineState, runtime: Runtime[Context]) -> dict[str, str]:
    return dict(read_base(readable(runtime, state["base"]))) if state.get("base") else {}


async def _shown(paper: Paper, images: Images, runtime: Runtime[Context]) -> tuple[list[ShownFigure], list[str]]:
    """The figures that models are shown, whose bytes join the images; what went wrong."""
    if not runtime.context.figures:
        return [], []
    shown, contents, problems = await asyncio.to_thread(drawn, paper, images)
    images |= contents
    return shown, problems


def read_paper(state: PaperInput, runtime: Runtime[Context], images: Images | None = None) -> Paper:
    """The paper that the state's input names.  `InputError` where there is none, or it cannot be read."""
    try:
        if state.get("text"):
            return read_text(state["text"], images)
        if upload := state.get("upload"):
            received = Upload.model_validate(upload)
            return read_upload(received.name, received.base64, images)
        if state.get("source"):
            served = is_served(runtime)
            names = [located(runtime, name) for name in (state["source"], *(state.get("supplements") or []))]
            return read_sources(names[0], names[1:], home_folder() / "papers", served=served, images=images)
    except DocumentError as error:
        raise InputError(str(error)) from error
    raise InputError(
        "There is no paper.",
        "Give its text (Markdown or LaTeX) as `text`, the file as `upload`, or its path, arXiv id or address as "
        "`source`.",
    )


def summary_of(paper: Paper, body: Body, shown: Sequence[ShownFigure] = ()) -> PaperSummary:
    """What reading found."""
    kinds = [block.kind for block in paper.blocks()]
    return PaperSummary(
        title=paper.title,
        format=paper.format,
        body=body,
        sections=len(paper.sections),
        equations=kinds.count("equation"),
        tables=kinds.count("table"),
        algorithms=kinds.count("algorithm"),
        figures=kinds.count("figure"),
        references=len(paper.references),
        images=tuple(paper.images()),
        shown=tuple(shown),
        warnings=paper.warnings,
    )


def _begin(runtime: Runtime[Context], stage: AnyStage, files: int = 0) -> None:
    emit_event(runtime.stream_writer, StageStarted(stage=stage, files=files))


def _end(runtime: Runtime[Context], stage: AnyStage, summary: str) -> None:
    emit_event(runtime.stream_writer, StageFinished(stage=stage, summary=summary))
