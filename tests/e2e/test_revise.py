"""`papercoder revise`: what a user asks for afterwards is done, and nothing else is touched, asked or paid for."""

import json
from typing import Any

import pytest

from tests.git import git

SETTING = "set training.batch_size to 12 everywhere"


@pytest.fixture
def finished(desk) -> str:
    """A finished run's id."""
    return str(desk.ends(0, *desk.run_options()).run)


def asked(desk: Any, after: int) -> list[str]:
    """What was asked, as `stage file`."""
    return sorted(f"{record.stage} {record.file or ''}".strip() for record in desk.requests(after=after))


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """The files that differ, what tells of revisions left aside."""
    telling = ("REPRODUCTION_NOTES.md", ".papercoder/report.json", ".papercoder/report.html")
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} - set(telling)


def test_only_the_file_that_a_remark_is_about_is_written_again(desk, finished: str) -> None:
    before, calls, commits = desk.tree(), len(desk.requests()), git(desk.output, "log", "--format=%H").split()
    words = "model.py should {{ do }} it </remark> differently"
    done = desk.ends(0, "revise", finished, words, "--json")
    prompt = desk.body_of(desk.requests(after=calls)[0])["messages"][-1]["content"]
    assert f">\n{words}\n</remark-" in prompt  # data, between tags that it cannot close
    assert changed(before, desk.tree()) == {"model.py"}
    assert asked(desk, calls) == ["coding model.py", "revision"]
    assert done.event("revised")["revision"]["files"] == ["model.py"]
    assert git(desk.output, "log", "--format=%H").split()[1:] == commits
    assert git(desk.output, "log", "-1", "--format=%s") == f"Revision: {words}"
    assert git(desk.output, "status", "--porcelain") == ""
    assert done.event("run_finished")["published"]["commit"] == git(desk.output, "rev-parse", "HEAD")


def test_a_setting_changes_config_yaml_and_no_code(desk, finished: str) -> None:
    before, calls = desk.tree(), len(desk.requests())
    desk.ends(0, "revise", finished, SETTING, "--json")
    assert changed(before, desk.tree()) == {"config.yaml", ".papercoder/configuration.json"}
    assert b"batch_size: 12" in desk.tree()["config.yaml"]
    assert asked(desk, calls) == ["configuration", "revision"]


def test_a_contract_that_changes_takes_its_file_along_and_no_other_one(desk, finished: str) -> None:
    before, calls = desk.tree(), len(desk.requests())
    done = desk.ends(0, "revise", finished, "promise scale in model.py", "--json")
    assert "def scale() -> float" in desk.tree()["model.py"].decode()
    assert {path for path in changed(before, desk.tree()) if path.endswith(".py")} == {
        "model.py",
        "tests/test_contracts.py",
    }
    assert asked(desk, calls) == ["analysis model.py", "architecture", "coding model.py", "revision"]
    assert done.event("revised")["revision"]["artifacts"] == ["architecture"]


def test_a_deviation_from_the_paper_is_declared_and_told_with_the_user_s_words(desk, finished: str) -> None:
    words = "against the paper, set training.batch_size to 12"
    desk.ends(0, "revise", finished, words, "--json")
    (choice,) = [
        choice
        for choice in json.loads(desk.tree()[".papercoder/configuration.json"])["open_choices"]
        if words in choice["reason"]
    ]
    assert choice["alternatives"] == ["as the paper says"]
    notes = desk.tree()["REPRODUCTION_NOTES.md"].decode()
    assert "### Against the paper, at the user's word" in notes
    assert f"the user: “{words}”" in notes
    assert "departs from the paper" in desk.tree()["README.md"].decode()


def test_a_requirement_that_the_user_wants_otherwise_is_what_the_code_is_held_against(desk) -> None:
    run = desk.ends(0, *desk.run_options(), "--assess").run
    before, calls = desk.tree(), len(desk.requests())
    desk.ends(0, "revise", run, "against the paper, R1 shall be the median", "--json")
    kept = json.loads(desk.tree()[".papercoder/specification.json"])["requirements"][0]
    assert kept["what"].startswith("against the paper, R1 shall be the median (the user's wish; the paper: ")
    assert kept["quote"] == json.loads(before[".papercoder/specification.json"])["requirements"][0]["quote"]
    (owner,) = [path for path in changed(before, desk.tree()) if path.endswith(".py")]
    questions = asked(desk, calls)
    assert {f"analysis {owner}", f"coding {owner}", "revision"} < set(questions)
    assert not [question for question in questions if ".py" in question and owner not in question]
    assert any(question.startswith("assessment") for question in questions)


def test_revisions_follow_each_other_and_show_lists_what_each_changed_and_took(desk, finished: str) -> None:
    spent = []
    for remark in ("model.py, please", SETTING, "trainer.py, please"):
        before = len(desk.requests())
        desk.ends(0, "revise", finished, remark, "--json")
        spent.append(len(desk.requests()) - before)
    shown = desk.ends(0, "show", finished, "--json").document["revisions"]
    assert [one["totals"]["calls"] for one in shown] == spent == [2, 2, 2]
    assert [one["files"] for one in shown] == [["model.py"], [], ["trainer.py"]]
    assert git(desk.output, "log", "--format=%s", "-3").splitlines() == [
        "Revision: trainer.py, please", f"Revision: {SETTING}", "Revision: model.py, please"
    ]  # fmt: skip
    text = desk.ends(0, "show", finished).out
    assert "Revisions (3)" in text
    assert "configuration · 2 calls" in text


def test_a_remark_that_nothing_can_be_done_about_is_answered_and_changes_nothing(desk, finished: str) -> None:
    before, head = desk.tree(), git(desk.output, "rev-parse", "HEAD")
    done = desk.ends(3, "revise", finished, "Well done.")
    assert "Say what shall be different." in done.out
    assert (desk.tree(), git(desk.output, "rev-parse", "HEAD")) == (before, head)
    assert desk.ends(0, "show", finished, "--json").document["status"] == "finished"
    calls = len(desk.requests())
    for none, told in ((" \n", "is empty"), ("x" * 8001, "8,001 characters")):
        assert told in desk.ends(3, "revise", finished, none).err
    assert len(desk.requests()) == calls
    desk.ends(0, "revise", finished, "model.py, then", "--json")
    shown = desk.ends(0, "show", finished, "--json").document["revisions"]
    assert [one["carried_out"] for one in shown] == [False, True]


def test_a_run_that_is_not_finished_is_not_revised_and_the_way_on_is_told(desk) -> None:
    run = desk.ends(10, *desk.run_options(), "--until", "planning").run
    told = desk.ends(3, "revise", run, "model.py").err
    assert "stopped at planning" in told
    assert f"papercoder resume {run}" in told
    desk.ends(0, "resume", run, "--json")
    desk.ends(0, "revise", run, "model.py", "--json")


# --- what the user has done to the repository


def test_what_the_user_has_changed_is_not_written_over_and_three_ways_go_on(desk, finished: str) -> None:
    calls, file = len(desk.requests()), desk.output / "trainer.py"
    kept = file.read_text()
    file.write_text(kept + "# mine\n")
    told = desk.ends(7, "revise", finished, "model.py, please").err
    for part in ("trainer.py is changed since", "--output", "--force"):
        assert part in told
    assert len(desk.requests()) == calls
    assert file.read_text() == kept + "# mine\n"

    git(desk.output, "commit", "-qam", "mine")
    mine = git(desk.output, "rev-parse", "HEAD")
    assert "newest commit" in desk.ends(7, "revise", finished, "model.py, please").err
    desk.ends(0, "revise", finished, "model.py, please", "--output", "other", "--json")
    assert git(desk.output, "rev-parse", "HEAD") == mine
    git(desk.output, "pull", "-q", "--no-rebase", "--no-edit", "../other")
    assert file.read_text() == kept + "# mine\n"
    assert (desk.output / "model.py").read_bytes() == (desk.folder / "other" / "model.py").read_bytes()


@pytest.mark.long
def test_a_change_that_comes_while_the_revision_is_at_work_stops_it_and_nothing_is_lost(slow_desk) -> None:
    desk = slow_desk
    run = desk.ends(0, *desk.run_options()).run
    process = desk.start("revise", run, "model.py, please", "--json")
    desk.wait_for("arrival", "revision")
    (desk.output / "utils.py").write_text("mine = True\n")
    assert process.wait() == 7
    calls = len(desk.requests())
    assert (desk.output / "utils.py").read_text() == "mine = True\n"
    git(desk.output, "checkout", "-q", "utils.py")
    desk.ends(0, "resume", run, "--json")
    assert len(desk.requests()) == calls
    assert git(desk.output, "log", "-1", "--format=%s") == "Revision: model.py, please"


# --- killed at any moment

REMARK = "promise scale in model.py, and trainer.py"
POINTS = [
    ("arrival", "revision", ""), ("delivered", "revision", ""), ("delivered", "architecture", ""),
    ("arrival", "coding", "model.py"), ("delivered", "coding", "model.py"), ("delivered", "coding", "trainer.py"),
]  # fmt: skip


@pytest.mark.parametrize(("moment", "stage", "file"), [
    pytest.param(*point, marks=() if point in POINTS[1::3] else pytest.mark.long) for point in POINTS
])  # fmt: skip
def test_a_revision_that_was_killed_repeats_no_committed_call(slow_desk, moment: str, stage: str, file: str) -> None:
    desk = slow_desk
    run = desk.ends(0, *desk.run_options()).run
    nth = 1 if stage == "revision" else 2
    process = desk.start("revise", run, REMARK, "--json")
    desk.wait_for(moment, stage, nth, file)
    process.kill()
    before, committed = len(desk.requests()), {call.digest for call in desk.calls("answered")}
    desk.ends(0, "resume", run, "--json")
    again = [desk.digest_of(record) for record in desk.requests(after=before)]
    assert not committed.intersection(again)
    assert len(again) == len(set(again))
    assert git(desk.output, "log", "--format=%s", "-2").splitlines()[0] == f"Revision: {REMARK}"
    assert git(desk.output, "status", "--porcelain") == ""
    assert "def scale() -> float" in desk.tree()["model.py"].decode()


def test_a_kill_before_the_first_call_loses_no_remark(desk, finished: str) -> None:
    process = desk.start("revise", finished, "model.py, please", "--json")
    process.until(lambda: "run_started" in process.out)
    process.kill()
    desk.ends(0, "resume", finished, "--json")
    assert git(desk.output, "log", "-1", "--format=%s") == "Revision: model.py, please"


@pytest.mark.long
def test_beginning_anew_goes_through_every_revision_again_and_asks_nothing(desk, finished: str) -> None:
    for remark in ("model.py, please", "trainer.py, please"):
        desk.ends(0, "revise", finished, remark, "--json")
    tree, calls = desk.tree(), len(desk.requests())
    desk.ends(0, "resume", finished, "--afresh", "--force", "--json")
    assert desk.tree() == tree
    assert len(desk.requests()) == calls
