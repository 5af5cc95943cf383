"""RESULTS.md has what was measured beside what the paper says; what a program printed stays in its cell."""

from pathlib import Path
from typing import Any

import pytest

from papercoder.publication.measured import results_text, write_results
from papercoder.results import Comparison, Provenance, compare
from state.errors import OutputError
from state.plan import ExpectedResult

RUN = Provenance(
    command="bash reproduce.sh", commit="abc+changes", containment="a box", seeds="[0, 1]",
    log="/home/me/reproduce.log", line=4, text="a 93.1",
)  # fmt: skip


def expected(id: str, tolerance: float | None = 1.0, **more: Any) -> ExpectedResult:
    values = {"what": f"accuracy of {id}", "value": 93.0, "tolerance": tolerance, "source": [], **more}
    return ExpectedResult.model_validate({"id": id, **values})


def rows(**changes: Any) -> list[Comparison]:
    numbers = [expected("near", spread=0.2, unit="%"), expected("far"), expected("free", None), expected("noisy"),
               expected("lost")]  # fmt: skip
    results = {
        "near": {"mean": 93.1, "std": 0.25, "runs": [93.0, 93.2]},
        "far": 80,
        "free": 70,
        "noisy": {"mean": 93, "stand_in": ["digits"]},
    }
    run = RUN.model_copy(update=changes)
    return [row.model_copy(update={"provenance": run if row.measured else None}) for row in compare(numbers, results)]


def test_every_number_stands_beside_the_papers_with_what_it_goes_back_to() -> None:
    text = results_text(rows())
    assert "Reproduced within the tolerance that the paper states: 1 of 4." in text
    assert "Without a stated tolerance: 1. Measured with a stand-in, which says nothing about the paper's: 1." in text
    assert "Not measured: 1." in text
    assert (
        "| `near`<br>accuracy of near | 93 ± 0.2 % | 93.1 ± 0.25 | 2 | reproduced | ±1 | +0.1, within the paper's ±1 "
        "| [0, 1] | line 4: `a 93.1` |\n"
    ) in text
    assert (
        "| `lost`<br>accuracy of lost | 93 | — | — | not run | ±1 | results.json has no number for it | — | — |" in text
    )
    assert "Measured by `bash reproduce.sh` at commit abc+changes, in a box." in text
    assert "`+changes` means" in text


def test_where_nothing_was_measured_it_says_so() -> None:
    text = results_text(compare([expected("a", None)], {}))
    assert "The paper says of none of its numbers how close is close. Not measured: 1." in text
    assert "Nothing was measured." in text


def test_what_a_program_printed_stays_in_its_cell() -> None:
    text = results_text(rows(text="a | b ` <b>\x1b[2J", seeds="1 | 2"))
    (line,) = [line for line in text.splitlines() if line.startswith("| `near`")]
    assert line.replace("\\|", "").count("|") == 10
    assert "\x1b" not in text
    assert "`a \\| b ' <b>[2J`" in line


def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "RESULTS.md").symlink_to(victim)
    written = write_results(repository, rows())
    assert victim.read_text() == "precious"
    assert not written.is_symlink()
    assert written.read_text().startswith("# Results\n")
    assert [path.name for path in repository.iterdir()] == ["RESULTS.md"]


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "RESULTS.md").mkdir()
    (tmp_path / "RESULTS.md" / "x").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write_results(tmp_path, rows())
    assert [path.name for path in tmp_path.iterdir()] == ["RESULTS.md"]
