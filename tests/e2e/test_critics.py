"""Critics of every temper, over real HTTP: each run ends, keeps the best version, and says what stayed open."""

import json
import re
from typing import Any

import pytest

from benchmarks.simulator.reviews import MENDED

CARELESS = ("--role-model", "coder=openai:coder-careless", "--critique", "coding", "--no-assess")
MISTAKE = re.compile(rb"return sum\(.*\) \* \d+\.0")
REVISED = f"\n# {MENDED.capitalize()}.\n".encode()


def critic(temper: str) -> tuple[str, str]:
    return "--role-model", f"critic=openai:critic-{temper}"


def report_of(desk: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(desk.tree()[".papercoder/report.json"])
    return loaded


def code_of(desk: Any) -> dict[str, bytes]:
    return {path: text for path, text in desk.tree().items() if path.endswith(".py") and "/" not in path}


def mistakes(desk: Any) -> int:
    return sum(bool(MISTAKE.search(text)) for text in code_of(desk).values())


def coding_loops(desk: Any) -> list[dict[str, Any]]:
    return [loop for name, loop in report_of(desk)["loops"].items() if name.startswith("coding of ")]


def test_what_the_critic_finds_is_mended_and_the_rest_stays(desk) -> None:
    desk.ends(0, *desk.run_options(), *CARELESS, *critic("finds"), "--rounds", "1")
    careless = code_of(desk)
    assert mistakes(desk) == 0
    assert [loop["kept"] for loop in coding_loops(desk)] == [1] * len(careless)
    (finding,) = coding_loops(desk)[0]["versions"][0]["critique"]
    assert finding["line"] > 1
    assert MISTAKE.search(finding["evidence"].encode())
    assert report_of(desk)["open"] == []
    desk.ends(0, *desk.run_options(), "--force", "--rounds", "0", "--no-assess")
    revised = {path: text.replace(REVISED, b"") for path, text in careless.items()}
    assert code_of(desk) == revised  # what a careful coder writes at once


def test_without_rounds_nobody_is_asked_and_the_mistake_stays(desk) -> None:
    desk.ends(0, *desk.run_options(), *CARELESS, *critic("finds"), "--rounds", "0")
    assert mistakes(desk) == 5
    assert not any(record.model.startswith("critic") for record in desk.requests())
    assert not any(version["reviewed"] for loop in coding_loops(desk) for version in loop["versions"])


@pytest.mark.parametrize(
    ("temper", "kept", "wrong", "ended", "stays_open"),
    [
        ("complains", 0, 5, "no better", "It is not as the paper says."),
        ("carps", 0, 5, "no better", "Objection"),
        ("flips", 0, 5, "no better", "A quotient is wanted."),
        ("babbles", 0, 5, "nothing to mend", ""),
        ("never-objects", 0, 5, "nothing to mend", ""),
    ],
)
def test_a_run_ends_whatever_the_critic_is_like(
    desk, temper: str, kept: int, wrong: int, ended: str, stays_open: str
) -> None:
    process = desk.ends(0, *desk.run_options(), *CARELESS, *critic(temper), "--rounds", "3")
    assert process.event("run_finished")["published"]
    loops, report = coding_loops(desk), report_of(desk)
    assert {(loop["kept"], loop["ended"]) for loop in loops} == {(kept, ended)}
    assert mistakes(desk) == wrong
    assert len(report["open"]) == (5 if stays_open else 0)
    assert all(finding["problem"].startswith(stays_open) for finding in report["open"])
    notes = desk.tree()["REPRODUCTION_NOTES.md"].decode()
    assert stays_open in notes
    if temper == "babbles":
        assert len(report["unreviewed"]) == 5
        assert "not reviewed" in notes


def test_a_critic_that_cannot_be_understood_is_not_asked_again_when_the_run_is_resumed(desk) -> None:
    process = desk.ends(10, *desk.run_options(), *CARELESS, *critic("babbles"), "--until", "coding")
    asked = len(desk.requests())
    desk.ends(0, "resume", process.run, "--afresh", "--json")
    assert len(desk.requests()) == asked
