"""The nodes that have all the code in hand: it is changed, checked, run, assessed, explained."""

from collections.abc import Mapping

from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore

from agents.assessing import Assessed
from agents.context import Material
from agents.debugger import Integrated
from agents.editable_texts import taken_in, with_added
from agents.events import emit_event
from agents.mendable import Designed
from graph.changes import Changes, lineage, reviewed, stored
from graph.execution import attempts_of, executes, not_executed, summary, until_it_runs
from graph.material import agreed, code_of, gather, store_of, typed
from graph.progress import begin, end
from graph.refinement import REFINEMENT, refined
from graph.revising import Revising, before_revision, remark_in, settled
from graph.walkthrough import walk
from papercoder.storage.bodies import put_body
from state.assessment import Coverage
from state.context import Context
from state.counts import counted
from state.errors import AnswerUnusable
from state.events import Revised, Warned
from state.execution import Execution
from state.pipeline import PipelineState, revisions_of
from state.revision import Revision
from state.shares import percent


async def revision(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Carry out what the user of the finished repository wants to be different."""
    begin(runtime, "revision")
    remark = remark_in(state)
    material = agreed(await gather(state, runtime))
    code = await code_of(state, material, store_of(runtime))
    work = Revising(runtime, state, material, code, REFINEMENT, revisions_of(state), remark)
    done = await work.revised()
    emit_event(runtime.stream_writer, Revised(revision=done))
    end(runtime, "revision", _told(done))
    return {
        **work.changes,
        "critiques": work.critiques,
        "revisions": [*work.before, done],
        "remark": "",
        **lineage(runtime),
    }


async def integration(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Hold the files against each other and against the design, and mend what does not fit."""
    begin(runtime, "integration")
    material, store = await gather(state, runtime), store_of(runtime)
    before = await before_revision(state, store)
    work = Integrated(runtime, material, await code_of(state, material, store), before.known if before else ())
    code, critique = await refined(REFINEMENT, work)
    repairs = counted(len(critique.versions) - 1, "repair")
    end(runtime, "integration", f"{counted(len(critique.open), 'finding')} open after {repairs}")
    return {
        "code": await stored(runtime, code),
        **_redesigned(material, with_added(material, code)),
        **await reviewed(state, runtime, "integration", critique),
    }


async def execution(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Run the repository in a sandbox, and mend it until it runs: the code, or the tests where they are wrong."""
    begin(runtime, "execution")
    if not runtime.context.execute:
        end(runtime, "execution", "left out, as asked")
        return {"execution": not_executed("left out, as asked")}
    material = await gather(state, runtime)
    made = Designed(material, await code_of(state, material, store_of(runtime)), executes(runtime, "execution"))
    texts, critique, came = await until_it_runs(runtime, made, REFINEMENT)
    return {
        "execution": came,
        **await _mended_texts(runtime, material, texts),
        **await reviewed(state, runtime, "execution", critique),
    }


async def assessment(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Hold the code against the requirements, and put in what it lacks."""
    begin(runtime, "assessment")
    material = await gather(state, runtime)
    if not (runtime.context.assess and material.required):
        end(runtime, "assessment", "left out, as asked" if material.required else "left out: nothing is required")
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
    end(runtime, "assessment", f"{percent(critique.kept.score or 0)} of the requirements by weight, "
         f"{coverage.accepted_placebos} of {len(coverage.placebos)} placebos accepted")  # fmt: skip
    return {
        "coverage": coverage,
        "code": await stored(runtime, code),
        **await _run_again(state, store, work, critique.best),
        **await reviewed(state, runtime, "assessment", critique),
    }


async def walkthrough(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Lead a reader from the passages that matter to the code that carries them out, and run a check of each."""
    begin(runtime, "walkthrough")
    if not runtime.context.notebook:
        end(runtime, "walkthrough", "left out: --notebook asks for it")
        return {"notebook": None}
    material = await gather(state, runtime)
    code = await code_of(state, material, store_of(runtime))
    try:
        walked, critique = await walk(runtime, material, code, typed(Coverage, state.get("coverage")), REFINEMENT)
    except AnswerUnusable as error:
        emit_event(runtime.stream_writer, Warned(text=f"{error.cause} There is no walkthrough."))
        end(runtime, "walkthrough", "none: the guide's answers could not be used")
        return {"notebook": None, **lineage(runtime)}
    end(runtime, "walkthrough", f"{counted(len(walked.walkthrough.passages), 'passage')}; {walked.report.words}")
    return {
        "notebook": await put_body(store_of(runtime), walked.model_dump_json()),
        **await reviewed(state, runtime, "walkthrough", critique),
    }


def _told(revision: Revision) -> str:
    if not revision.carried_out:
        return f"nothing is changed. {revision.answer}"
    parts = [*revision.artifacts, *(f"requirement {id}" for id in revision.requirements), *revision.files]
    gone = [f"without {path}" for path in revision.removed]
    return ", ".join([*parts, *gone]) or "no file is concerned"


async def _mended_texts(runtime: Runtime[Context], material: Material, texts: Mapping[str, str]) -> Changes:
    """What a repair made of code, tests, packages and settings; what it added is in the design."""
    mended, code = taken_in(material, texts)
    changes: Changes = {"code": await stored(runtime, code), "tests": await stored(runtime, mended.tests)}
    if mended.base_packages is not None:
        changes["base_packages"] = await put_body(store_of(runtime), mended.base_packages)
    return {**changes, **_redesigned(material, mended)}


def _redesigned(before: Material, after: Material) -> Changes:
    """The artifacts of the design that are not what they were."""
    designed = {name: getattr(after, name) for name in ("architecture", "logic", "configuration")}
    return {name: artifact for name, artifact in designed.items() if artifact != getattr(before, name)}


async def _run_again(state: PipelineState, store: BaseStore, work: Assessed, best: int) -> Changes:
    """The versions that assessment made join those that execution made."""
    if not work.attempts:
        return {}
    before = typed(Execution, state.get("execution"))
    assert before
    earlier = await attempts_of(state, store)
    attempts = [*earlier, *(one.model_copy(update={"parent": before.kept}) for one in work.attempts)]
    return {"execution": await summary(store, attempts, len(earlier) + best - 1 if best else before.kept)}
