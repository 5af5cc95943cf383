"""`papercoder revise` in the terminal, and what `show` tells of revisions."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from papercoder.cli.app import group
from papercoder.storage.manifests import Remark
from state.body import Body
from state.context import REVISION_STAGES
from state.events import Event, Revised, RunFinished, RunStarted, StageFinished, StageStarted
from state.ledger import Totals
from state.published import Published
from state.revision import Deviation, Revision

RUN = "20261122-1530-ab12"
DONE = Revision(
    remark="a warm-up\nof [1000] steps",
    answer="The warm-up is shorter now.",
    artifacts=("configuration",),
    files=("train.py",),
    removed=("old.py",),
    deviations=(Deviation(paper="4000 steps [S5.3].", here="1000 steps.", reason="a warm-up of 1000 steps"),),
    before=Body(sha256="0", characters=0),
    published=True,
)
REFUSED = Revision(remark="Well done.", answer="Say what shall be different.", published=True)


def played(revision: Revision) -> list[Event]:
    published = Published(folder="/p/paper-code", files=7, commit="abcdef123")
    return [
        RunStarted(run=RUN, model="openai:m", output="/p/paper-code", resumed=True, stages=REVISION_STAGES),
        StageStarted(stage="revision"),
        Revised(revision=revision),
        StageFinished(stage="revision", summary="train.py"),
        RunFinished(run=RUN, published=published, totals=Totals()),
    ]


def test_the_answer_the_deviations_and_the_commit_are_told(home, invoke) -> None:
    home.events = played(DONE)
    answer = invoke("revise", RUN, "a warm-up of 1000 steps")
    assert answer.exit_code == 0
    for part in (
        "revision: done, train.py", "Answer      The warm-up is shorter now.",
        "Deviates    the paper: 4000 steps [S5.3]. Here: 1000 steps.", "commit abcdef1",
    ):  # fmt: skip
        assert part in answer.stdout


def test_nothing_changed_has_an_exit_code_of_its_own(home, invoke) -> None:
    home.events = played(REFUSED)
    answer = invoke("revise", RUN, "Well done.")
    assert answer.exit_code == 3
    assert "Changed     nothing; /p/paper-code is as it was" in answer.stdout


def test_a_remark_may_come_from_stdin(home) -> None:
    home.events = played(DONE)
    CliRunner().invoke(group, ["revise", RUN, "-"], input="a long\nremark")
    assert home.asked["remark"] == "a long\nremark"


def test_settings_and_folder_are_handed_on(home, invoke, folder) -> None:
    home.events = played(DONE)
    invoke("revise", RUN, "x", "-o", "other", "--model", "openai:gpt-5", "--rounds", "0", "--budget", "3", "--force")
    assert str(home.asked["output"]) == "other"
    assert home.asked["force"] is True
    changes = home.asked["changes"]
    assert (changes["model"], changes["rounds"], changes["budget"].dollars) == ("openai:gpt-5", 0, 3.0)


@pytest.fixture
def revised(home, a_record) -> Any:
    """A run with one call before its first remark, and one call after it."""
    remarks = [Remark(text=DONE.remark, given="2026-11-22T15:31:00+00:00", calls=1)]
    home.records = [a_record(status="finished", stage="publication", remarks=remarks)]
    home.values |= {"revisions": [DONE]}
    return home


def test_show_lists_what_each_changed_and_took(revised, invoke) -> None:
    text = invoke("show", RUN).stdout
    for part in (
        "Revisions (1)", "1. a warm-up of [1000] steps", "configuration, train.py, without old.py · 1 call",
        "The warm-up is shorter now.", "against the paper: 4000 steps [S5.3]. Here: 1000 steps.",
    ):  # fmt: skip
        assert part in text


def test_show_as_json(revised, invoke) -> None:
    (one,) = json.loads(invoke("show", RUN, "--json").stdout)["revisions"]
    assert one["files"] == ["train.py"]
    assert one["carried_out"] is True
    assert one["totals"]["calls"] == 1
    assert one["deviations"][0]["paper"] == "4000 steps [S5.3]."


def test_a_remark_whose_revision_was_stopped_is_listed_as_unfinished(revised, invoke, a_record) -> None:
    more = Remark(text="And then?", given="2026-11-22T15:32:00+00:00", calls=2)
    record = revised.records[0]
    revised.records = [record.model_copy(update={"status": "stopped", "remarks": [*record.remarks, more]})]
    text = invoke("show", RUN).stdout
    assert "2. And then?" in text
    assert "not finished · 0 calls" in text
