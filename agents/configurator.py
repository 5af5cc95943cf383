"""The configurator: from the design to `config.yaml`, every value with its source."""

from langgraph.runtime import Runtime

from agents.answering import json_question
from agents.context import Material, prefix
from agents.model import ask
from agents.sources import unknown_sources
from prompts import render
from state.artifacts import Configuration
from state.context import Context


async def configuration(runtime: Runtime[Context], material: Material) -> Configuration:
    question = json_question(
        "configurator",
        "configuration",
        Configuration,
        material,
        prefix=prefix(material, "plan", "design", "logic_so_far"),
        task=lambda form: render("configuration", answer_form=form),
        written=material.configuration,
        objections=lambda answer: unknown_sources(answer, material.paper),
    )
    return await ask(runtime, question)
