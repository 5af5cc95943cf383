"""A measured number goes back to a command, a commit, seeds and a line of the log."""

from pathlib import Path

import pytest

from papercoder.provenance import commit, traced
from papercoder.results import Comparison, Provenance, compare
from state.plan import ExpectedResult
from tests.git import git

LOG = "loading\nepoch 1 digits/ours 90.00\nother/digits/ours 1\ndigits/ours 92.75 ± 0.31\nin all 0.8125 of them\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "config.yaml").write_text(
        "lr: 0.1\nevaluation:\n  seeds: [0, 1, 2]  # §4\n  shuffle_seed: 7\nseedling: 4\n"
    )
    (tmp_path / "reproduce.log").write_text(LOG)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "m")
    return folder


def numbers(repository: Path, results: dict[str, object]) -> list[Comparison]:
    expected = [ExpectedResult(id=key, what="", value=93.0, tolerance=1.0, source=[]) for key in results]
    run = Provenance(command="bash reproduce.sh", containment="a box", log=str(repository.parent / "reproduce.log"))
    return traced(compare(expected, results), results, repository, run)


def test_a_number_is_traced_to_command_commit_seeds_and_line(repository: Path) -> None:
    (found,) = numbers(repository, {"digits/ours": {"mean": 92.75, "std": 0.31, "runs": [92.5, 93.0]}})
    assert found.provenance == Provenance(
        command="bash reproduce.sh",
        commit=git(repository, "rev-parse", "HEAD"),
        containment="a box",
        seeds="[0, 1, 2]; 7",
        log=str(repository.parent / "reproduce.log"),
        line=4,
        text="digits/ours 92.75 ± 0.31",
    )
    assert found.reason == "-0.25, within the paper's ±1"


def test_a_number_that_is_only_printed_is_found_by_its_value(repository: Path) -> None:
    share, lost = numbers(repository, {"share": 0.8125, "lost": 12.5})
    assert share.provenance and (share.provenance.line, share.provenance.text) == (5, "in all 0.8125 of them")
    assert lost.provenance and (lost.provenance.line, lost.provenance.text) == (0, "")


def test_seeds_of_the_result_itself_come_first(repository: Path) -> None:
    (found,) = numbers(repository, {"digits/ours": {"mean": 92.75, "seeds": [4, 5]}})
    assert found.provenance and found.provenance.seeds == "4, 5"


def test_what_was_not_measured_goes_back_to_nothing(repository: Path) -> None:
    (found,) = numbers(repository, {"digits/ours": None})
    assert (found.verdict, found.provenance) == ("not run", None)
    assert found.reason == "results.json has no number for it"


def test_changed_files_are_not_those_of_the_commit(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    assert commit(repository) == head
    (repository / "results.json").write_text("{}")
    assert commit(repository) == head, "what a run writes is no change"
    (repository / "config.yaml").write_text("")
    assert commit(repository) == f"{head}+changes"


def test_without_git_there_is_no_commit(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert commit(tmp_path) == ""
