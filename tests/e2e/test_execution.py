"""The repository is run before it comes out: what fails is mended, code or test, and told as it is."""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.beats import beats, is_gone
from tests.git import git

STEPS = ("install", "import", "tests", "smoke", "reproduce")
PASSED = dict.fromkeys(STEPS, "passed")
RUN = ("--rounds", "0", "--no-assess")


def options(desk, *more: object) -> list[object]:
    return ["run", "paper.md", "--model", "openai:o3-mini", "--output", "out", "--json", *RUN, *more]


def characters(**models: str) -> list[str]:
    return [f"--role-model={role}=openai:{model}" for role, model in models.items()]


def asked(desk) -> list[str]:
    return [call.stage for call in desk.calls("answered") if call.stage == "execution"]


def told(desk) -> dict[str, Any]:
    execution: dict[str, Any] = json.loads((desk.output / ".papercoder" / "report.json").read_text())["execution"]
    return execution


def steps(process) -> list[tuple[int, str, str]]:
    taken = [event for event in process.events if event["kind"] == "step_taken" and event["outcome"] != "at work"]
    return [(event["attempt"], event["step"], event["outcome"]) for event in taken]


def test_a_repository_that_runs_is_run_once_and_nothing_is_asked(desk, packages) -> None:
    process = desk.ends(0, *options(desk), **packages)
    assert steps(process) == [(1, step, "passed") for step in STEPS]
    assert asked(desk) == []
    execution = told(desk)
    assert (execution["status"], execution["steps"], execution["repairs"]) == ("passed", PASSED, 0)
    assert execution["containment"]
    assert list((desk.folder / ".papercoder" / "work").iterdir()) == []


def test_bugs_are_mended_one_behind_the_other(desk, packages) -> None:
    desk.ends(0, *options(desk, *characters(coder="coder-slips")), **packages)
    execution = told(desk)
    assert (execution["status"], execution["steps"], execution["repairs"]) == ("passed", PASSED, 2)
    assert execution["wrong"]["test"] == 0
    assert execution["wrong"]["code"] > 0
    source = desk.tree()["utils.py"].decode()
    assert "KeyError" not in source
    assert "+ 1.0" not in source
    log = subprocess.run(["git", "log", "--format=%s", "--reverse"], cwd=desk.output, capture_output=True, text=True)
    subjects = log.stdout.splitlines()
    assert [subject.partition(":")[0] for subject in subjects if subject.startswith("Repair")] == [
        "Repair 1",
        "Repair 2",
    ]
    first = subprocess.run(["git", "show", "HEAD~3:utils.py"], cwd=desk.output, capture_output=True, text=True).stdout
    assert "KeyError" in first


def causes(desk) -> list[list[str]]:
    """What failed in each version, by kind."""
    files = sorted((desk.output / ".papercoder" / "executions").glob("*.json"))
    steps = [json.loads(file.read_text())["report"]["steps"] for file in files]
    return [[failure["kind"] for step in taken for failure in step.get("failures", [])] for taken in steps]


def test_a_package_that_there_is_not_is_no_bug_and_goes_out_of_the_requirements(desk, packages) -> None:
    models = [*characters(coder="coder-slips"), "--role-model=logic-designer=openai:designer-dreams"]
    desk.ends(0, *options(desk, *models, "--no-tests"), **packages)
    assert (told(desk)["status"], told(desk)["repairs"]) == ("passed", 2)
    assert causes(desk) == [["package impossible"], ["crash"] * 2, []]
    assert b"dreams" not in desk.tree()["requirements.txt"]
    assert json.loads(desk.tree()[".papercoder/logic.json"])["packages"] == []
    edits = json.loads(desk.tree()[".papercoder/executions/02.json"])["edits"]
    assert list(edits) == ["requirements.txt"], "the code is not blamed for it"


@pytest.mark.long
def test_data_that_are_missing_get_a_stand_in_that_the_repository_brings_along(desk, packages) -> None:
    process = desk.ends(0, *options(desk, *characters(coder="coder-forgets"), "--no-tests"), **packages)
    assert (told(desk)["status"], told(desk)["repairs"]) == ("passed", 1)
    assert {kind for kinds in causes(desk) for kind in kinds} == {"data missing"}
    assert desk.tree()["data/scale.csv"] == b"scale\n1.0\n"
    assert "data/scale.csv" in {
        file["path"] for file in json.loads(desk.tree()[".papercoder/architecture.json"])["files"]
    }
    log = git(desk.output, "log", "--format=%s", "--", "data")
    assert [subject.partition(":")[0] for subject in log.splitlines()] == ["Repair 1"]
    calls = len(desk.requests())
    desk.ends(0, "revise", process.run, "model.py, please", "--json", **packages)
    assert desk.tree()["data/scale.csv"] == b"scale\n1.0\n"
    assert {record.stage for record in desk.requests(after=calls)} == {"revision", "coding"}


def test_a_package_of_the_base_repository_that_cannot_be_installed_is_taken_out(desk, packages) -> None:
    base = desk.folder / "base"
    base.mkdir()
    (base / "requirements.txt").write_text("# theirs\nnumpy-of-dreams>=3\n")
    (base / "notes.txt").write_text("Kept.\n")
    desk.ends(0, *options(desk, "--base", "base", "--no-tests"), **packages)
    assert causes(desk) == [["package impossible"], []]
    assert desk.tree()["requirements.txt"].split() == [b"#", b"theirs"]
    first = git(desk.output, "rev-list", "--max-parents=0", "HEAD")
    before = "# theirs\nnumpy-of-dreams>=3\n"
    assert git(desk.output, "show", f"{first}:requirements.txt") == before.strip()
    assert (base / "requirements.txt").read_text() == before


def test_a_wrong_test_is_mended_and_the_code_stays(desk, packages) -> None:
    desk.ends(0, *options(desk, *characters(tester="tester-errs")), **packages)
    execution = told(desk)
    assert (execution["status"], execution["repairs"], execution["failing_tests"]) == ("passed", 1, [])
    assert execution["wrong"] == {"code": 0, "test": 4, "both": 0}
    assert not any(b"3 * once" in text for path, text in desk.tree().items() if path.startswith("tests/"))


def test_what_nobody_can_mend_ends_after_the_repairs_that_are_allowed_and_is_told(desk, packages) -> None:
    models = characters(coder="coder-slips", debugger="debugger-fails")
    desk.ends(0, *options(desk, *models, "--repairs", "2", "--no-tests"), **packages)
    execution = told(desk)
    assert (execution["status"], execution["repairs"], execution["attempts"]) == ("failed", 0, 3)
    assert asked(desk) == ["execution"] * 2
    assert "KeyError" in (desk.output / "REPRODUCTION_NOTES.md").read_text()


def test_where_nothing_can_be_installed_the_code_is_not_blamed(desk, packages, tmp_path: Path) -> None:
    process = desk.ends(0, *options(desk), UV_DEFAULT_INDEX="http://127.0.0.1:9", UV_FIND_LINKS="")
    assert any("not run" in event["text"] for event in process.events if event["kind"] == "warned")
    assert asked(desk) == []
    assert (told(desk)["status"], "offline" in told(desk)["reason"]) == ("not run", True)
    assert "was not run" in (desk.output / "README.md").read_text()


def test_a_sandbox_that_is_not_there_stops_nothing(desk, packages) -> None:
    desk.ends(0, *options(desk, "--sandbox", "docker"), **packages)
    assert told(desk)["status"] == "not run"


def test_after_a_kill_during_a_sandboxed_command_nothing_of_it_lives_and_the_run_goes_on(desk, packages) -> None:
    process = desk.start(*options(desk, *characters(coder="coder-hangs")), **packages)
    process.until(lambda: beats(desk.database.parent))
    process.kill()
    assert is_gone(desk.database.parent)
    left = set(beats(desk.database.parent))
    resumed = desk.start("resume", "--json", **packages)
    resumed.until(lambda: set(beats(desk.database.parent)) - left)
    resumed.signal(signal.SIGINT)
    assert resumed.wait() == 130, resumed.err
    assert not beats(desk.database.parent)
    before = len(desk.requests())
    desk.ends(0, "resume", "--no-execute", "--json", **packages)
    assert len(desk.requests()) == before


@pytest.mark.long
def test_minutes_that_are_spent_end_a_sandboxed_command_and_the_run_goes_on(desk, packages) -> None:
    desk.ends(10, *options(desk, *characters(coder="coder-hangs"), "--until", "integration"), **packages)
    process = desk.start("resume", "--json", **packages)
    process.until(lambda: beats(desk.database.parent))
    process.signal(signal.SIGINT)
    assert process.wait() == 130, process.err
    before = len(desk.requests())
    poor = desk.start("resume", "--budget-minutes", "0.25", "--json", **packages)
    poor.until(lambda: beats(desk.database.parent))
    assert poor.wait() == 4, poor.err
    assert "papercoder resume" in poor.err
    assert not beats(desk.database.parent)
    assert is_gone(desk.database.parent)
    desk.ends(0, "resume", "--no-execute", "--budget-minutes", "5", "--json", **packages)
    assert len(desk.requests()) == before
    assert told(desk)["status"] == "not run"


def test_a_report_that_was_kept_is_not_made_again(desk, packages, tmp_path: Path) -> None:
    models = characters(coder="coder-slips")
    process = desk.start(*options(desk, *models, "--no-tests"), **packages)
    process.until(lambda: (2, "import", "passed") in steps(process))
    process.kill()
    resumed = desk.ends(0, "resume", "--json", **packages)
    assert {attempt for attempt, _, _ in steps(resumed)} == {2}
    assert (told(desk)["status"], told(desk)["attempts"]) == ("passed", 2)
    once = desk.tree()
    desk.ends(0, *options(desk, *models, "--no-tests", "--force"), **packages)
    assert desk.tree() == once
    desk.ends(0, "rm", resumed.run, "--yes")
    assert {row[0] for row in desk.query("SELECT DISTINCT run FROM kept")} == {desk.processes[-2].run}
