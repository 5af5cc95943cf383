"""Measured numbers are held against the paper's as the paper allows, and foreign output is read with care."""

from pathlib import Path
from typing import Any

import pytest

from papercoder.results import compare, read_results
from state.errors import ExecutionError
from state.plan import ExpectedResult


def expected(**values: Any) -> ExpectedResult:
    return ExpectedResult(**{"id": "a", "what": "accuracy", "value": 93.0, "tolerance": 1.0, "source": [], **values})


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ({"mean": 94.0, "std": 0.4, "runs": [1, 2]}, "reproduced"),
        ({"mean": 94.1, "std": 0.4, "runs": [1, 2]}, "off"),
        (92.5, "reproduced"),
        (None, "not run"),
        ({"mean": None}, "not run"),
        ({"mean": float("nan")}, "not run"),
        ({"mean": "93"}, "not run"),
        (True, "not run"),
        ([93.0], "not run"),
    ],
)
def test_a_number_is_reproduced_within_the_tolerance_off_beyond_it_and_not_run_without_it(
    found: Any, verdict: str
) -> None:
    assert compare([expected()], {"a": found})[0].verdict == verdict


def test_without_a_tolerance_in_the_paper_nothing_is_called_reproduced_or_off() -> None:
    assert compare([expected(tolerance=None)], {"a": 12.0})[0].verdict == "no tolerance"


@pytest.mark.parametrize(
    ("printed", "measured", "same"),
    [(80.9, 80.94, True), (80.9, 80.96, False), (0.05, 0.0475, True), (0.05, 0.044, False), (9.0, 8.976, True),
     (9.0, 8.6, False), (3.0, 3.0, True), (1e-5, 1.04e-5, True), (1e-5, 1.6e-5, False), (1500.0, 1500.2, False)],
)  # fmt: skip
def test_a_number_that_rounds_to_the_printed_one_is_said_to_be_the_paper_s(
    printed: float, measured: float, same: bool
) -> None:
    row = compare([expected(tolerance=None, value=printed)], {"a": measured})[0]
    assert (row.verdict, "to its last digit" in row.reason) == ("no tolerance", same)


@pytest.mark.parametrize(
    ("stand_in", "names"),
    [(["digits"], ("digits",)), ("digits", ("digits",)), (True, ("something",)), ([3, "b"], ("something", "b"))],
)
def test_what_was_measured_with_a_stand_in_is_compared_with_nothing(stand_in: Any, names: tuple[str, ...]) -> None:
    row = compare([expected()], {"a": {"mean": 93.0, "runs": [93.0], "stand_in": stand_in}})[0]
    assert (row.verdict, row.stand_in, row.measured) == ("stand-in", names, 93.0)
    assert ", ".join(names) in row.reason


@pytest.mark.parametrize("stand_in", [[], None, "", False])
def test_a_stand_in_that_was_not_needed_changes_nothing(stand_in: Any) -> None:
    assert compare([expected()], {"a": {"mean": 93.0, "stand_in": stand_in}})[0].verdict == "reproduced"


def test_without_a_number_a_stand_in_is_not_run_either() -> None:
    assert compare([expected()], {"a": {"mean": None, "stand_in": ["digits"]}})[0].verdict == "not run"


def test_spread_and_number_of_runs_are_kept() -> None:
    row = compare([expected()], {"a": {"mean": 93.0, "std": 0.5, "runs": [92.5, 93.5]}})[0]
    assert (row.spread, row.runs) == (0.5, 2)


@pytest.mark.parametrize("content", ["[1]", "nonsense", "", "3"])
def test_results_that_are_no_json_object_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "results.json").write_text(content)
    with pytest.raises(ExecutionError):
        read_results(tmp_path)


def test_a_link_in_place_of_results_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}")
    (tmp_path / "results.json").symlink_to(tmp_path / "secret")
    with pytest.raises(ExecutionError, match="was not written"):
        read_results(tmp_path)
