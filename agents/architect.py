"""The architect: from the plan to files, their contracts, and the class and sequence diagrams."""

from langgraph.runtime import Runtime

from agents.answering import json_question
from agents.context import Material, prefix
from agents.model import ask
from agents.sources import unknown_sources
from prompts import render
from state.artifacts import Architecture
from state.context import Context
from state.paths import check_beside


async def architecture(runtime: Runtime[Context], material: Material) -> Architecture:
    question = json_question(
        "architect",
        "architecture",
        Architecture,
        material,
        prefix=prefix(material, "plan"),
        task=lambda form: render("architecture", answer_form=form),
        written=material.architecture,
        check=lambda answer: check_beside(answer.paths, material.base),
        objections=lambda answer: unknown_sources(answer, material.paper),
    )
    return await ask(runtime, question)
