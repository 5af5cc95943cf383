"""The configurator: from the design to `config.yaml`, every value with its source."""

from dataclasses import replace

from agents.answering import json_author
from agents.author import Author
from agents.context import Material, prefix
from agents.sources import unknown_sources
from papercoder.checks import check_stage
from prompts import render
from state.configuration import Configuration


def configurator(material: Material) -> Author[Configuration]:
    return json_author(
        "configurator",
        "configuration",
        Configuration,
        material,
        prefix=prefix(material, "requirements", "plan", "design", "logic_so_far"),
        instructions=render("configuration"),
        written=material.configuration,
        objections=lambda answer: unknown_sources(answer, material.paper),
        findings=lambda answer: check_stage("configuration", replace(material, configuration=answer).design),
        requirements=material.required,
    )
