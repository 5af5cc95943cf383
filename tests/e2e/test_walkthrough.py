"""--notebook, from the command line: checks that were run, mended once, marked where they stay wrong, and kept."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from papercoder.sandbox import SandboxUnavailable, find_sandbox
from tests.wheels import index, shelf_of_pytest

KEPT = "SELECT digest, text FROM kept WHERE digest LIKE 'cells of %' ORDER BY digest"

pytestmark = pytest.mark.usefixtures("contained")


@pytest.fixture(scope="session")
def contained() -> None:
    try:
        find_sandbox()
    except SandboxUnavailable as unavailable:
        pytest.skip(str(unavailable))


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where pytest is installed from, without a network."""
    return index(shelf_of_pytest(tmp_path_factory.mktemp("shelf")))


def notebook(desk: Any) -> Any:
    made = nbformat.reads(desk.tree()["walkthrough.ipynb"].decode(), as_version=4)
    nbformat.validate(made)
    return made


def checks(desk: Any) -> list[Any]:
    return [cell for cell in notebook(desk).cells if cell.cell_type == "code"]


def told(process: Any) -> str:
    return next(
        event["summary"]
        for event in process.events
        if (event["kind"], event.get("stage")) == ("stage_finished", "walkthrough")
    )


def asked(desk: Any) -> list[Any]:
    return [record for record in desk.requests() if record.stage == "walkthrough"]


def test_checks_are_run_and_what_they_print_is_kept(desk, packages: dict[str, str]) -> None:
    ended = desk.ends(0, *desk.run_options(), "--notebook", **packages)
    assert told(ended).startswith("3 passages; 3 of 3 checks passed in ")
    assert [cell.outputs[0].text.strip() for cell in checks(desk)] == [
        str(3.0 / float(cell.source.partition("* ")[2].split()[0])) for cell in checks(desk)
    ]
    assert len(asked(desk)) == 1
    assert "3 of 3 checks passed" in desk.tree()["README.md"].decode()


def test_a_check_that_fails_goes_back_and_comes_again_mended(strict_desk, packages: dict[str, str]) -> None:
    desk = strict_desk
    ended = desk.ends(0, *desk.run_options(reviewed=True), "--notebook", **packages)
    assert told(ended).startswith("3 passages; 3 of 3 checks passed in ")
    loop = json.loads(desk.tree()[".papercoder/report.json"])["loops"]["walkthrough"]
    assert (loop["kept"], loop["ended"]) == (1, "nothing to mend")
    (found,) = loop["versions"][0]["checks"]
    assert found["rule"] == "failed-check"
    assert "Check 1 failed: AssertionError: assert abs(score" in found["problem"]
    assert "It had printed:\n" in found["evidence"]
    assert "It had printed:\n" in str(desk.body_of(asked(desk)[1])["messages"][-1]["content"])
    assert len(asked(desk)) == 2


def test_a_check_that_stays_wrong_is_marked_and_told(strict_desk, packages: dict[str, str]) -> None:
    desk = strict_desk
    ended = desk.ends(0, *desk.run_options(), "--notebook", **packages)  # no rounds
    assert told(ended).startswith("3 passages; 2 of 3 checks passed in ")
    first, second, _ = checks(desk)
    assert [output.output_type for output in first.outputs] == ["stream", "error"]
    assert first.outputs[-1].ename == "AssertionError"
    assert [output.output_type for output in second.outputs] == ["stream"]
    (found,) = json.loads(desk.tree()[".papercoder/report.json"])["open"]
    assert (found["loop"], found["rule"]) == ("walkthrough", "failed-check")
    assert "| failed: AssertionError: assert abs(score" in desk.tree()["REPRODUCTION_NOTES.md"].decode()


def test_a_killed_run_runs_no_check_again_and_makes_the_same_notebook(
    strict_desk, packages: dict[str, str], tmp_path: Path
) -> None:
    desk = strict_desk
    desk.ends(10, *desk.run_options(reviewed=True), "--notebook", "--until", "walkthrough", **packages)
    kept = desk.query(KEPT)
    assert len(kept) == 2
    shown = desk.command("show", desk.processes[0].run, "--stage", "walkthrough", "--json").document
    assert shown["report"]["containment"]
    # begun anew, where nothing could be installed any more: what was run stands
    desk.ends(0, "resume", "--afresh", "--json", UV_DEFAULT_INDEX=f"file://{tmp_path}", UV_OFFLINE="1")
    assert desk.query(KEPT) == kept
    assert [cell.execution_count for cell in checks(desk)] == [1, 2, 3]
    assert len(asked(desk)) == 2


def test_where_nothing_can_be_installed_it_is_written_all_the_same_and_says_so(desk, tmp_path: Path) -> None:
    ended = desk.ends(0, *desk.run_options(), "--notebook", UV_DEFAULT_INDEX=f"file://{tmp_path}", UV_OFFLINE="1")
    assert told(ended).startswith("3 passages; none of 3 checks was run: ")
    assert [(cell.outputs, cell.execution_count) for cell in checks(desk)] == [([], None)] * 3
    assert "None of 3 checks was run" in notebook(desk).cells[0].source
    assert "walkthrough: not reviewed." in desk.tree()["REPRODUCTION_NOTES.md"].decode()
    assert desk.query(KEPT) == []


def test_where_nothing_is_to_be_executed_no_check_is(desk) -> None:
    ended = desk.ends(0, *desk.run_options(), "--notebook", "--no-execute")
    assert told(ended) == "3 passages; none of 3 checks was run: nothing was to be executed"
    assert desk.query(KEPT) == []
