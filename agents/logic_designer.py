"""The logic designer: from the architecture to ordered tasks, dependencies, packages and shared knowledge."""

from dataclasses import replace

from agents.answering import json_author
from agents.author import Author
from agents.context import Material, prefix
from agents.sources import unknown_sources
from papercoder.checks import check_stage
from prompts import render
from state.architecture import Architecture
from state.logic import LogicDesign


def logic_designer(material: Material) -> Author[LogicDesign]:
    assert material.architecture
    design = material.architecture
    return json_author(
        "logic designer",
        "logic",
        LogicDesign,
        material,
        prefix=prefix(material, "requirements", "plan", "design"),
        instructions=render("logic", paths=design.paths),
        written=material.logic,
        check=lambda answer: check_tasks(answer, design),
        objections=lambda answer: unknown_sources(answer, material.paper),
        findings=lambda answer: check_stage("logic", replace(material, logic=answer).design),
        requirements=material.required,
    )


def check_tasks(design: LogicDesign, architecture: Architecture) -> None:
    """Refuses a design whose tasks are not the architecture's files."""
    tasks, files = {task.path for task in design.tasks}, set(architecture.paths)
    if missing := sorted(files - tasks):
        raise ValueError(f"tasks lacks these files of the architecture: {', '.join(missing)}")
    if extra := sorted(tasks - files):
        raise ValueError(f"tasks names files that the architecture does not have: {', '.join(extra)}")
