"""A repository that exists is run and mended; its owner's work is never written over."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.git import git

FILES = {
    "utils.py": (
        'def score(values):\n    raise KeyError("weights")\n    return sum(float(item) for item in values) / 3.0\n'
    ),
    "main.py": (
        "import json\nimport sys\n\nfrom utils import score\n\n"
        "print(score(json.load(open('data/values.json'))), sys.argv)  # --smoke\n"
    ),
    "data/values.json": "[1, 2, 3]\n",
    "tests/test_utils.py": (
        "from utils import score\n\n\ndef test_scores_grow_with_their_values():\n"
        "    once = {'a': score([1.0])}\n    for key in once:\n        assert score([2.0]) == 3 * once[key]\n"
    ),
    "reproduce.sh": 'python main.py "$@"\n',
    "requirements.txt": "",
}


@pytest.fixture
def repository(desk) -> Path:
    folder: Path = desk.folder / "theirs"
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "data" / "weights.bin").write_bytes(b"\0\xff")
    return folder


def committed(folder: Path) -> str:
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "theirs")
    return git(folder, "rev-parse", "HEAD")


def repair(*more: object) -> list[object]:
    return ["repair", "theirs", "--model", "openai:o3-mini", "--json", *more]


def published(process: Any) -> dict[str, Any]:
    found: dict[str, Any] = process.event("run_finished")["published"]
    return found


def test_code_and_test_are_mended_and_committed_with_a_paper_to_judge_by(desk, repository, packages) -> None:
    before = committed(repository)
    process = desk.ends(0, *repair("--paper", "paper.md"), **packages)
    assert (repository / "utils.py").read_text() == FILES["utils.py"].replace('raise KeyError("weights")', "pass")
    assert "2 * once[key]" in (repository / "tests" / "test_utils.py").read_text()
    assert process.err == ""
    assert git(repository, "rev-parse", "HEAD~1") == before
    assert git(repository, "status", "--porcelain") == ""
    assert published(process)["commit"] == git(repository, "rev-parse", "HEAD")
    assert "KeyError" in git(repository, "log", "-1", "--format=%B")
    assert json.loads(desk.ends(0, "runs", "--json").out)[0]["status"] == "finished"


def read(process: Any) -> str:
    """What the first stage says of what it has found."""
    return next(event["summary"] for event in process.events if event["kind"] == "stage_finished")


def test_a_repository_of_ours_brings_its_paper_requirements_and_contracts_along(desk, packages) -> None:
    run = [option for option in desk.run_options() if option != "--no-tests"]
    desk.ends(0, *run, "--role-model=coder=openai:coder-slips", "--role-model=tester=openai:tester-errs")
    process = desk.ends(0, "repair", "out", "--model", "openai:o3-mini", "--json", **packages)
    required = len(json.loads((desk.output / ".papercoder" / "specification.json").read_text())["requirements"])
    assert read(process).endswith(f"; it brings along paper, {required} requirements, contracts of 5 files")
    assert (process.err, published(process)["runs"]) == ("", True)
    ruled = next(request for request in desk.requests() if request.stage == "arbitration")
    asked = str(desk.body_of(ruled)["messages"])
    for brought in ("A Small Estimator", "def build(", "R1", "The target is Python with PyTorch."):
        assert brought in asked, "the paper, the contract and the requirements are what tests are held against"
    assert "2 * once[key]" in "".join(file.read_text() for file in (desk.output / "tests").glob("test_*.py"))


def test_a_file_that_is_missing_is_added_and_committed_though_git_shall_ignore_it(desk, repository, packages) -> None:
    (repository / "utils.py").write_text('def score(values):\n    open("data/scale.csv").read()\n    return 1.0\n')
    (repository / "tests" / "test_utils.py").unlink()
    (repository / ".gitignore").write_text("*.csv\n")
    committed(repository)
    process = desk.ends(9, *repair(), **packages)  # it has no tests now
    assert published(process)["files"] == 1
    assert git(repository, "show", "--format=", "--name-only") == "data/scale.csv"
    assert git(repository, "status", "--porcelain") == ""
    assert (repository / "data" / "weights.bin").read_bytes() == b"\0\xff"


def test_a_package_that_there_is_not_goes_out_of_the_requirements(desk, repository, packages) -> None:
    (repository / "utils.py").write_text(
        "try:\n    import yaml\nexcept ImportError:\n    yaml = None\n\n\ndef score(values):\n    return sum(values)\n"
    )
    (repository / "requirements.txt").write_text("numpy-of-dreams>=3\n")
    (repository / "tests" / "test_utils.py").write_text("def test_nothing():\n    pass\n")
    process = desk.ends(0, *repair(), **packages)
    assert published(process)["files"] == 1
    asked = str(desk.body_of(next(request for request in desk.requests() if request.stage == "repair"))["messages"])
    assert "The target is Python. " in asked, "nobody knows what somebody's code is written with"
    assert "and who imports them: `yaml` (utils.py)." in asked, "another package may be another import"
    assert "dreams" not in (repository / "requirements.txt").read_text()


def test_without_a_paper_a_test_is_taken_at_its_word(desk, repository, packages) -> None:
    process = desk.ends(9, *repair("--repairs", "2"), **packages)
    assert read(process).endswith("there is no paper, so no test can be found wrong: --paper names one")
    assert (repository / "tests" / "test_utils.py").read_text() == FILES["tests/test_utils.py"]
    assert "KeyError" not in (repository / "utils.py").read_text()
    assert published(process)["commit"] == ""
    assert any("working tree" in warning for warning in published(process)["warnings"])


def test_uncommitted_changes_are_refused_before_anything_is_asked(desk, repository, packages) -> None:
    committed(repository)
    (repository / "utils.py").write_text("mine\n")
    refused = desk.ends(3, *repair(), **packages)
    assert "uncommitted changes: utils.py" in refused.err
    assert not desk.requests()
    assert (repository / "utils.py").read_text() == "mine\n"


def test_what_its_owner_writes_meanwhile_is_not_written_over(desk, repository, packages) -> None:
    committed(repository)
    process = desk.start(*repair("--repairs", "1"), **packages)
    process.until(lambda: '"attempt":2' in process.out)
    (repository / "utils.py").write_text("mine\n")
    assert process.wait() == 7, process.err
    assert "has changed since it was read" in process.err
    assert (repository / "utils.py").read_text() == "mine\n"


def test_a_killed_repair_goes_on(desk, repository, packages) -> None:
    committed(repository)
    process = desk.start(*repair("--paper", "paper.md"), **packages)
    process.until(lambda: '"attempt":2' in process.out)
    process.signal(signal.SIGKILL)
    process.wait()
    assert (repository / "utils.py").read_text() == FILES["utils.py"]
    resumed = desk.ends(0, "resume", "--json", **packages)
    assert len(desk.requests()) == len(desk.calls("answered"))
    assert published(resumed)["files"] == 2
