"""The nodes before there is code: what is required, what is planned, and how the repository is designed."""

from langgraph.runtime import Runtime

from agents import specifier
from agents.architect import architect
from agents.configurator import configurator
from agents.logic_designer import logic_designer
from agents.planner import planner
from agents.refining import Authored
from graph.changes import Changes, lineage, mended, reviewed
from graph.material import agreed, gather
from graph.progress import begin, end
from graph.refinement import REFINEMENT, refined
from state.context import Context
from state.counts import counted
from state.pipeline import PipelineState


async def specification(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Turn the paper into requirements, each with its quote; what it leaves open is decided here."""
    begin(runtime, "specification")
    found = await specifier.specify(runtime, await gather(state, runtime))
    silent = sum(requirement.status != "specified" for requirement in found.requirements)
    told = (
        f"{counted(len(found.requirements), 'requirement')}, {silent} of them with open choices",
        counted(len(found.contradictions), "contradiction"),
        f"{counted(len(found.unverified), 'quote')} unverified",
    )
    end(runtime, "specification", ", ".join(told))
    return {"specification": found, **mended(state, "specification"), **lineage(runtime)}


async def planning(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Write the overall plan."""
    begin(runtime, "planning")
    author = planner(await gather(state, runtime))
    plan, critique = await refined(REFINEMENT, Authored(runtime, author))
    items = len(plan.method) + len(plan.data) + len(plan.experiments) + len(plan.metrics)
    end(runtime, "planning", f"{counted(items, 'item')}, {counted(len(plan.expected_results), 'result')} to compare, "
         f"{counted(len(plan.open_choices), 'open choice')}")  # fmt: skip
    return {"plan": plan, **await reviewed(state, runtime, "planning", critique)}


async def architecture(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Design files, contracts and diagrams."""
    begin(runtime, "architecture")
    author = architect(await gather(state, runtime))
    design, critique = await refined(REFINEMENT, Authored(runtime, author))
    symbols = sum(len(file.symbols) for file in design.files)
    end(runtime, "architecture", f"{counted(len(design.files), 'file')}, {counted(symbols, 'symbol')}")
    return {"architecture": design, **await reviewed(state, runtime, "architecture", critique)}


async def logic(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Order the files by their dependencies and say what each does."""
    begin(runtime, "logic")
    author = logic_designer(await gather(state, runtime))
    design, critique = await refined(REFINEMENT, Authored(runtime, author))
    edges = sum(len(task.depends_on) for task in design.tasks)
    end(runtime, "logic", f"{counted(len(design.tasks), 'task')}, "
         f"{counted(edges, 'dependency', 'dependencies')}, {counted(len(design.packages), 'package')}")  # fmt: skip
    return {"logic": design, **await reviewed(state, runtime, "logic", critique)}


async def configuration(state: PipelineState, runtime: Runtime[Context]) -> Changes:
    """Fill config.yaml, every value with its source."""
    begin(runtime, "configuration")
    author = configurator(agreed(await gather(state, runtime)))
    settings, critique = await refined(REFINEMENT, Authored(runtime, author))
    unsourced = sum(not value.source for value in settings.values)
    end(runtime, "configuration", f"{counted(len(settings.values), 'value')}, {unsourced} of them not in the paper")
    return {"configuration": settings, **await reviewed(state, runtime, "configuration", critique)}
