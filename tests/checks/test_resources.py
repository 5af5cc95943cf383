"""What comes from outside is planned with a stand-in, fetched from nowhere else, and told from the real thing."""

from dataclasses import replace
from typing import Any

import pytest

from papercoder.checks import Design, check_file, check_repository, check_stage
from state.plan import Plan

PLAN: dict[str, Any] = {
    "summary": "", "method": [{"what": "x", "source": []}], "data": [], "experiments": [], "metrics": [],
    "open_choices": [],
}  # fmt: skip


def planned(*resources: dict[str, Any], data: str = "") -> Plan:
    listed = [{"kind": "dataset", "source": [], **resource} for resource in resources]
    items = [{"what": data, "source": []}] if data else []
    return Plan.model_validate({**PLAN, "resources": listed, "data": items})


def rules(plan: Plan) -> list[str]:
    return [finding.rule for finding in check_stage("planning", Design(plan=plan))]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"name": "digits", "available": "package"}, []),
        ({"name": "imagenet", "available": "restricted", "stand_in": "noise"}, []),
        ({"name": "imagenet", "available": "restricted", "stand_in": " "}, ["missing-stand-in"]),
        ({"name": "imagenet"}, ["missing-stand-in"]),  # nobody said that it can be had
    ],
)
def test_what_does_not_come_with_a_package_needs_a_stand_in(resource: dict[str, Any], expected: list[str]) -> None:
    assert rules(planned(resource)) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("The CIFAR-10 data set, 50,000 images for training.", ["missing-resource"]),
        ("Weights pretrained on ImageNet.", ["missing-resource"]),
        ("A synthetic data set: x is drawn from N(0, I).", []),
        ("Labels are flipped.", []),
    ],
)
def test_data_from_outside_are_a_resource(data: str, expected: list[str]) -> None:
    assert rules(planned(data=data)) == expected


def test_an_address_in_the_code_is_one_of_the_plan_s(design: Design) -> None:
    plan = planned({"name": "a", "available": "download", "origin": "https://data.example.net/a.zip.", "stand_in": "n"})
    known = 'URL = "https://data.example.net/b.zip"\nNAMESPACE = "http://www.w3.org/2000/svg"\n"""https://x.example.net"""\n'
    code = known + 'print("see https://elsewhere.example.net/a.zip")\n'
    found = check_file("extra.py", code, replace(design, plan=plan), {}, types=False)
    assert [(f.rule, f.line) for f in found] == [("unplanned-address", 4)]


def test_results_say_what_was_measured_with_a_stand_in(files: dict[str, str], design: Design) -> None:
    changed = replace(design, plan=planned({"name": "a", "available": "restricted", "stand_in": "noise"}))
    (found,) = check_repository(files, changed)
    assert (found.rule, found.file) == ("unmarked-stand-in", "main.py")
    marked = {**files, "main.py": files["main.py"] + '\nprint({"stand_in": ["a"]})\n'}
    assert check_repository(marked, changed) == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import numpy as np\nnp.random.seed(0)\nx = np.random.normal(0, 1)\n", [3]),
        ("import numpy as np\nrng = np.random.default_rng()\n", [2]),
        ("import numpy as np\n\n\ndef f(rng: np.random.Generator, seed: int):\n"
         "    return rng.normal(), np.random.default_rng(seed), np.random.default_rng\n", []),
        ("import random\nprint(random.Random(3).random(), random.Random().random())\n", [2]),
    ],
)  # fmt: skip
def test_random_numbers_come_from_a_seed(code: str, lines: list[int]) -> None:
    found = check_file("extra.py", code, Design(), {}, types=False)
    assert [f.line for f in found if f.rule == "unseeded-randomness"] == lines
