"""The planner: from the paper and its requirements to the overall plan."""

from dataclasses import replace

from agents.answering import json_author
from agents.author import Author
from agents.context import Material, prefix
from agents.sources import unknown_sources, unstated
from papercoder.checks import check_stage
from prompts import render
from state.paper import Paper
from state.plan import Plan


def planner(material: Material) -> Author[Plan]:
    return json_author(
        "planner",
        "planning",
        Plan,
        material,
        prefix=prefix(material, "requirements"),
        instructions=render("planning"),
        written=material.plan,
        objections=lambda answer: _objections(answer, material.paper),
        findings=lambda answer: check_stage("planning", replace(material, plan=answer).design),
        requirements=material.required,
    )


def _objections(plan: Plan, paper: Paper) -> str:
    return " ".join(filter(None, (unknown_sources(plan, paper), unstated(plan, paper))))
