"""`execute`: what a person, a script and CI are told about a repository that was run."""

import json
from pathlib import Path

import pytest

from papercoder.sandbox import containments


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    if not containments()[0]:
        pytest.skip("no containment works on this machine")
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "requirements.txt").write_text("")
    (folder / "main.py").write_text("import model\nif __name__ == '__main__':\n    print(model.double(21))\n")
    (folder / "model.py").write_text("def double(x):\n    return 2 * x\n")
    (folder / "reproduce.sh").write_text("python main.py\n")
    return folder


def test_a_repository_that_runs(invoke, repository: Path) -> None:
    answer = invoke("execute", str(repository), "--full", "--step", "import", "--step", "reproduce")
    assert answer.exit_code == 0, answer.output
    assert "✓ import     2 of 2 modules" in answer.stdout
    assert answer.stdout.splitlines()[-1].startswith("All 2 steps passed in ")


def test_a_step_that_could_not_be_taken_is_not_success(invoke, repository: Path) -> None:
    answer = invoke("execute", str(repository))
    assert answer.exit_code == 9
    assert "– tests      not run: there are no tests" in answer.stdout
    assert answer.stdout.endswith("not run: tests, smoke, reproduce.\n")


def test_a_failure_is_shown_with_place_traceback_and_fix(invoke, repository: Path) -> None:
    (repository / "model.py").write_text("import nowhere\n")
    answer = invoke("execute", str(repository))
    assert answer.exit_code == 9
    assert "package missing model.py:1 ModuleNotFoundError: No module named 'nowhere'" in answer.stdout
    assert '        File "model.py", line 1' in answer.stdout
    assert "→ Add the package that brings this module to requirements.txt" in answer.stdout
    assert answer.stdout.endswith("failed: import; not run: tests, smoke, reproduce.\n")


def test_output_of_programs_does_not_steer_the_terminal(invoke, repository: Path) -> None:
    (repository / "model.py").write_text("raise ValueError('\\x1b[2Jgone')\n")
    answer = invoke("execute", str(repository), "--step", "import")
    assert "\x1b[2J" not in answer.stdout
    assert "gone" in answer.stdout


def test_json_is_the_report_and_nothing_else(invoke, repository: Path) -> None:
    answer = invoke("execute", str(repository), "--step", "import", "--json")
    report = json.loads(answer.stdout)
    assert [step["step"] for step in report["steps"]] == ["import"]
    assert report["mode"] == "smoke"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--sandbox", "nobody"], 9, "Choose one of auto, bubblewrap, landlock, docker, podman, none"),
        (["--full", "--step", "smoke"], 2, "--full has no step smoke"),
        (["--step", "nothing"], 2, "nothing"),
    ],
)
def test_what_cannot_be_done_is_said(invoke, repository: Path, arguments: list[str], code: int, words: str) -> None:
    answer = invoke("execute", str(repository), *arguments)
    assert answer.exit_code == code
    assert words in answer.stderr


def test_without_containment_only_by_name(invoke, repository: Path) -> None:
    answer = invoke("execute", str(repository), "--step", "import", "--sandbox", "none")
    assert answer.exit_code == 0
    assert "sandbox: none: limits only, no containment" in answer.stdout
