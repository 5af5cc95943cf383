"""The logic designer: from the architecture to ordered tasks, dependencies, packages and shared knowledge."""

from langgraph.runtime import Runtime

from agents.answering import json_question
from agents.context import Material, prefix
from agents.model import ask
from agents.sources import unknown_sources
from prompts import render
from state.artifacts import Architecture, LogicDesign
from state.context import Context


async def logic(runtime: Runtime[Context], material: Material) -> LogicDesign:
    assert material.architecture
    design = material.architecture
    question = json_question(
        "logic designer",
        "logic",
        LogicDesign,
        material,
        prefix=prefix(material, "plan", "design"),
        task=lambda form: render("logic", answer_form=form, paths=design.paths),
        written=material.logic,
        check=lambda answer: check_tasks(answer, design),
        objections=lambda answer: unknown_sources(answer, material.paper),
    )
    return await ask(runtime, question)


def check_tasks(design: LogicDesign, architecture: Architecture) -> None:
    """Refuses a design whose tasks are not the architecture's files."""
    tasks, files = {task.path for task in design.tasks}, set(architecture.paths)
    if missing := sorted(files - tasks):
        raise ValueError(f"tasks lacks these files of the architecture: {', '.join(missing)}")
    if extra := sorted(tasks - files):
        raise ValueError(f"tasks names files that the architecture does not have: {', '.join(extra)}")
