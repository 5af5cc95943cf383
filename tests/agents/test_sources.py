"""Addresses that the paper does not state go back to the planner: a model remembers those that never were, too."""

import pytest

from agents.context import Material
from agents.planner import planner
from agents.sources import unstated_addresses
from state.paper import Block, Paper, Section
from state.plan import Plan, Resource

TEXT = (
    r"Data are at \\url{https://www.example.org/data\\_v2} and at http://data.example.net/a very-"
    "long/path.zip. Weights: example.com/w."
)
PAPER = Paper(
    title="t",
    sections=(
        Section(id="S1", label="§1", title="s", blocks=(Block(id="S1.p1", label="§1", kind="paragraph", text=TEXT),)),
    ),
)


def resource(origin: str) -> Resource:
    return Resource(name="a", kind="dataset", available="download", origin=origin, stand_in="noise", source=[])


@pytest.mark.parametrize(
    ("origin", "unstated"),
    [
        ("https://www.example.org/data_v2", []),
        ("torchvision.datasets.CIFAR10", []),
        ("http://data.example.net/avery-long/path.zip.", []),
        ("https://example.com/w, mirrored nowhere", []),
        ("https://example.com/weights", ["https://example.com/weights"]),
        (
            "see https://data.example.net/b.zip; or ftp://example.org",
            ["https://data.example.net/b.zip", "ftp://example.org"],
        ),
    ],
)
def test_an_address_is_stated_however_the_paper_breaks_it(origin: str, unstated: list[str]) -> None:
    assert unstated_addresses(resource(origin), PAPER) == unstated


def test_the_planner_hears_of_it(material: Material) -> None:
    assert material.plan
    objections = planner(material).question.objections
    assert objections
    assert objections(material.plan) == ""
    invented = material.plan.model_copy(update={"resources": [resource("https://example.com/weights")]})
    assert "https://example.com/weights" in objections(invented)
    foreign = Plan.model_validate({**invented.model_dump(), "method": [{"what": "x", "source": ["E9"]}]})
    assert "E9" in objections(foreign)
    assert "`unknown`" in objections(foreign)
