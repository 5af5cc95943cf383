"""The architect: from the plan to files, their contracts, and the class and sequence diagrams."""

from dataclasses import replace

from agents.answering import json_author
from agents.author import Author
from agents.context import Material, prefix
from agents.sources import unknown_sources
from papercoder.checks import check_stage
from prompts import render
from state.architecture import Architecture
from state.paths import check_beside


def architect(material: Material) -> Author[Architecture]:
    return json_author(
        "architect",
        "architecture",
        Architecture,
        material,
        prefix=prefix(material, "requirements", "plan"),
        instructions=render("architecture"),
        written=material.architecture,
        check=lambda answer: check_beside(answer.paths, material.base),
        objections=lambda answer: unknown_sources(answer, material.paper),
        findings=lambda answer: check_stage("architecture", replace(material, architecture=answer).design),
        requirements=material.required,
    )
