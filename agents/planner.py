"""The planner: from the paper to the overall plan."""

from langgraph.runtime import Runtime

from agents.answering import json_question
from agents.context import Material, prefix
from agents.model import ask
from agents.sources import unknown_sources
from prompts import render
from state.artifacts import Plan
from state.context import Context


async def plan(runtime: Runtime[Context], material: Material) -> Plan:
    question = json_question(
        "planner",
        "planning",
        Plan,
        material,
        prefix=prefix(material),
        task=lambda form: render("planning", answer_form=form),
        written=material.plan,
        objections=lambda answer: unknown_sources(answer, material.paper),
    )
    return await ask(runtime, question)
