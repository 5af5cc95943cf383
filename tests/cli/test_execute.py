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


@pytest.fixture
def measuring(repository: Path) -> Path:
    """A repository with a plan that expects two numbers, whose script writes results.json."""
    (repository / ".papercoder").mkdir()
    expected = [{"id": key, "what": "", "value": 2.0, "tolerance": 0.5, "source": []} for key in ("a", "b")]
    item = {"what": "x", "source": []}
    plan = {"summary": "", "method": [item], "data": [], "experiments": [], "metrics": [], "open_choices": []}
    (repository / ".papercoder" / "plan.json").write_text(json.dumps({**plan, "expected_results": expected}))
    return repository


@pytest.mark.parametrize(
    ("written", "verdicts", "code"),
    [
        ('{"a": 2.1, "b": 2.2}', ["reproduced", "reproduced"], 0),
        ('{"a": 2.1, "b": 3.0}', ["reproduced", "off"], 9),
        ('{"a": 2.1}', ["reproduced", "not run"], 9),
        ('{"a": 2.1, "b": {"mean": 2.2, "stand_in": ["noise"]}}', ["reproduced", "stand-in"], 9),
        ("no JSON", ["not run", "not run"], 9),
    ],
)
def test_a_full_run_is_held_against_the_papers_numbers(
    invoke, measuring: Path, written: str, verdicts: list[str], code: int
) -> None:
    (measuring / "reproduce.sh").write_text(f"echo a is 2.10\necho '{written}' > results.json\n")
    answer = invoke("execute", str(measuring), "--full", "--step", "reproduce", "--json")
    results = json.loads(answer.stdout)["results"]
    assert [result["verdict"] for result in results] == verdicts
    assert answer.exit_code == code
    table = (measuring / "RESULTS.md").read_text()
    assert [table.count(f"| {verdict} |") for verdict in verdicts] == [verdicts.count(verdict) for verdict in verdicts]
    if code == 0:
        assert results[0]["provenance"]["command"] == "bash reproduce.sh"
        assert (results[0]["provenance"]["line"], results[0]["provenance"]["text"]) == (1, "a is 2.10")


def test_a_run_that_ended_badly_is_no_success_whatever_it_has_measured(invoke, measuring: Path) -> None:
    (measuring / "reproduce.sh").write_text("echo '{\"a\": 2.1}' > results.json\necho b was skipped\nexit 3\n")
    answer = invoke("execute", str(measuring), "--full", "--step", "reproduce")
    assert answer.exit_code == 9
    table = (measuring / "RESULTS.md").read_text()
    assert "| reproduced |" in table
    assert "| not run |" in table


def test_results_of_an_earlier_run_do_not_count(invoke, measuring: Path) -> None:
    (measuring / "results.json").write_text('{"a": 2.0, "b": 2.0}')
    (measuring / "reproduce.sh").write_text("true\n")
    answer = invoke("execute", str(measuring), "--full", "--step", "reproduce")
    assert answer.exit_code == 9
    assert "results.json was not written by this run." in answer.stderr
    assert answer.stdout.count("not run") == 2
