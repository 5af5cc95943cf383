"""Tests from the paper, from the command line: written without the code, published, and passing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.git import git

WITH_TESTS = ("--tests",)
FILES = 5
TESTED = ["dataset_loader", "model", "trainer", "utils"]


def passes(folder: Path) -> int:
    """How many of the repository's tests pass; none fails."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    return int(ran.stdout.splitlines()[-1].split()[0])


def test_tests_come_from_the_paper_stand_in_the_history_and_pass(desk) -> None:
    process = desk.ends(0, *desk.run_options(), *WITH_TESTS)
    files = desk.tree()
    assert sorted(path for path in files if path.startswith("tests/")) == [
        "tests/conftest.py", "tests/test_contracts.py", *(f"tests/test_{name}.py" for name in TESTED)
    ]  # fmt: skip
    assert passes(desk.output) == 3 * len(TESTED) + 1
    assert "Tests from the paper: 4 files" in git(desk.output, "log", "--format=%s").splitlines()
    assert "python -m pytest tests" in files["README.md"].decode()
    cited = json.loads(files[".papercoder/tests.json"])
    assert len(cited) == 3 * len(TESTED)
    report = json.loads(files[".papercoder/report.json"])
    assert report["tests"] == cited
    one, ids = next(iter(cited.items()))
    assert ids
    row = next(line for line in files["REPRODUCTION_NOTES.md"].decode().splitlines() if line.startswith(f"| {ids[0]} "))
    assert f"`{one}`" in row
    (ended,) = [e for e in process.events if e["kind"] == "stage_finished" and e["stage"] == "testing"]
    assert ended["summary"] == "12 tests in 4 files"
    shown = desk.ends(0, "show", process.run, "--stage", "testing").out
    assert "tests/test_model.py::test_scores_grow_with_their_values" in shown
    assert json.loads(desk.ends(0, "show", process.run, "--stage", "testing", "--json").out) == cited


def test_a_tester_sees_neither_code_nor_analyses_and_nobody_who_codes_sees_tests(desk) -> None:
    desk.ends(0, *desk.run_options(), *WITH_TESTS)
    for record in desk.requests():
        prompt = json.dumps(desk.body_of(record)["messages"])
        if record.stage == "testing":
            assert "Logic analysis" not in prompt
            assert "def score(" not in prompt
        elif record.stage in ("analysis", "coding"):
            assert "test_scores_grow" not in prompt


def test_a_test_that_claims_nothing_goes_back_once(strict_desk) -> None:
    process = strict_desk.ends(0, *strict_desk.run_options(), *WITH_TESTS, "--rounds", "1", "--critique", "none")
    asked = [record.file for record in strict_desk.requests() if record.stage == "testing"]
    assert sorted(asked) == sorted(f"{name}.py" for name in TESTED * 2)
    assert "test_it_runs" not in strict_desk.tree()["tests/test_model.py"].decode()
    reviewed = [e for e in process.events if e["kind"] == "reviewed" and e["stage"] == "testing"]
    assert {(event["medium"], event["outcome"]) for event in reviewed} == {(1, "revising"), (0, "nothing to mend")}


def without_tests_of_the_model(desk, process) -> dict[str, Any]:
    tree = desk.tree()
    assert "tests/test_utils.py" in tree
    assert "tests/test_model.py" not in tree
    assert passes(desk.output) == 3 * (len(TESTED) - 1) + 1
    (ended,) = [e for e in process.events if e["kind"] == "stage_finished" and e["stage"] == "testing"]
    assert ended["summary"] == "9 tests in 3 files, none of model.py"
    return {event["text"]: event for event in process.events if event["kind"] == "warned"}


@pytest.mark.parametrize(
    ("variant", "asked"), [("prose_only", 3), pytest.param("code_as_diff", 3, marks=pytest.mark.long)]
)
def test_a_run_goes_on_without_tests_that_cannot_be_used(desk, variant: str, asked: int) -> None:
    desk.simulator.set_faults([{"stage": "testing", "file": r"^model\.py$", "kind": "malformed", "variant": variant}])
    process = desk.ends(0, *desk.run_options(), *WITH_TESTS)
    warned = without_tests_of_the_model(desk, process)
    assert any("There are no tests of model.py" in text for text in warned)
    assert sum(record.stage == "testing" and record.file == "model.py" for record in desk.requests()) == asked


def test_a_provider_that_fails_for_the_tester_costs_no_analysis(desk) -> None:
    desk.simulator.set_faults([
        {"stage": "testing", "file": r"^utils\.py$", "kind": "http_401"},
        {"stage": "analysis", "kind": "slow", "factor": 50},
    ])  # fmt: skip
    ended = desk.ends(5, *desk.run_options(), *WITH_TESTS)
    answered = [call.file for call in desk.calls("answered") if call.stage == "analysis"]
    assert sorted(answered) == sorted(f"{name}.py" for name in [*TESTED, "main"])
    assert not desk.calls("open")
    desk.simulator.set_faults([])
    before = len(desk.requests())
    desk.ends(0, "resume", ended.run, "--json")
    assert {record.stage for record in desk.requests(after=before)} == {"testing", "coding"}


def test_a_run_stops_after_testing_with_the_analyses_that_are_made_beside_it(desk) -> None:
    process = desk.ends(10, *desk.run_options(), *WITH_TESTS, "--until", "testing")
    assert process.event("run_finished")["stopped_after"] == "analysis"
    assert {record.stage for record in desk.requests()} >= {"testing", "analysis"}
    desk.ends(0, "resume", process.run, "--json")
    assert passes(desk.output) == 3 * len(TESTED) + 1
