"""--notebook, from the command line: checks that are run, mended, kept, and stand in a notebook."""

import json
import signal
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.beats import beats, is_gone

KEPT = "SELECT digest, text FROM kept WHERE digest LIKE 'cells of %' ORDER BY digest"


def checks(desk: Any) -> list[Any]:
    made = nbformat.reads(desk.tree()["walkthrough.ipynb"].decode(), as_version=4)
    nbformat.validate(made)
    return [cell for cell in made.cells if cell.cell_type == "code"]


def told(process: Any) -> str:
    ends = (event for event in process.events if event["kind"] == "stage_finished")
    return next(event["summary"] for event in ends if event["stage"] == "walkthrough")


def asked(desk: Any) -> list[Any]:
    return [record for record in desk.requests() if record.stage == "walkthrough"]


def test_a_check_that_fails_goes_back_and_is_mended_and_what_was_run_is_not_run_again(
    strict_desk, packages: dict[str, str], tmp_path: Path
) -> None:
    desk = strict_desk
    settings = [
        *desk.run_options(reviewed=True),
        "--notebook",
        "--execute",
        "--no-assess",
        "--no-tests",
        "--critique",
        "none",
    ]
    desk.ends(10, *settings, "--until", "walkthrough", **packages)
    kept = desk.query(KEPT)
    assert len(kept) == len(asked(desk)) == 2
    assert "It had printed:\n" in str(desk.body_of(asked(desk)[1])["messages"][-1]["content"])
    shown = desk.command("show", desk.processes[0].run, "--stage", "walkthrough", "--json").document
    assert [cell["outcome"] for cell in shown["report"]["cells"]] == ["passed"] * 3
    # begun anew where nothing could be installed any more: what was run stands
    desk.ends(0, "resume", "--afresh", "--json", UV_DEFAULT_INDEX=f"file://{tmp_path}", UV_OFFLINE="1")
    assert desk.query(KEPT) == kept
    assert len(asked(desk)) == 2
    assert [cell.execution_count for cell in checks(desk)] == [1, 2, 3]
    assert [cell.outputs[0].text.strip() for cell in checks(desk)] == [
        str(3.0 / float(cell.source.partition("* ")[2].split()[0])) for cell in checks(desk)
    ]
    assert "3 of 3 checks passed" in desk.tree()["README.md"].decode()
    loop = json.loads(desk.tree()[".papercoder/report.json"])["loops"]["walkthrough"]
    assert (loop["kept"], loop["ended"]) == (1, "nothing to mend")
    (found,) = loop["versions"][0]["checks"]
    assert found["rule"] == "failed-check"
    assert "Check 1 failed: AssertionError: assert abs(score" in found["problem"]


@pytest.mark.long
def test_after_a_kill_while_cells_run_nothing_of_them_lives_and_the_run_goes_on(desk, packages: dict[str, str]) -> None:
    hanging = ("--notebook", "--execute", "--role-model=guide=openai:guide-hangs")
    process = desk.start(*desk.run_options(), *hanging, **packages)
    process.until(lambda: process.has_begun("walkthrough") and beats(desk.database.parent))
    process.kill()
    assert is_gone(desk.database.parent)
    left, before = set(beats(desk.database.parent)), len(desk.requests())
    resumed = desk.start("resume", "--json", **packages)
    resumed.until(lambda: set(beats(desk.database.parent)) - left)
    assert not left & set(beats(desk.database.parent)), "what the killed run has left is swept"
    resumed.signal(signal.SIGINT)
    assert resumed.wait() == 130, resumed.err
    assert not beats(desk.database.parent)
    desk.ends(0, "resume", "--no-execute", "--json", **packages)
    assert len(desk.requests()) == before
    assert [cell.execution_count for cell in checks(desk)] == [None] * 3


def test_where_nothing_is_to_be_executed_the_notebook_is_written_all_the_same(desk) -> None:
    ended = desk.ends(0, *desk.run_options(), "--notebook", "--no-execute")
    assert told(ended) == "3 passages; none of 3 checks was run: nothing was to be executed"
    assert desk.query(KEPT) == []
    assert [(cell.outputs, cell.execution_count) for cell in checks(desk)] == [([], None)] * 3
    assert "walkthrough: not reviewed. Its checks were not run" in desk.tree()["REPRODUCTION_NOTES.md"].decode()
