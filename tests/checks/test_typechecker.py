"""The type checker is asked in a way that generated files cannot influence, and its failures are told."""

from pathlib import Path

import pytest

from papercoder.checks import Design, check_repository, typechecker
from state.errors import PapercoderError

WRONG = "def f(x):\n    return x\n\n\nf(1, y=2){comment}\nprint(nowhere){comment}\n"


@pytest.mark.parametrize("comment", ["", "  # type: ignore", "  # ty: ignore", "  # pyright: ignore[all]"])
def test_comments_do_not_silence_it(comment: str) -> None:
    found = check_repository({"main.py": WRONG.format(comment=comment)}, Design())
    assert [finding.rule for finding in found] == ["wrong-call", "undefined-name"]


def test_files_of_the_repository_do_not_silence_it() -> None:
    silence = '[tool.ty.rules]\nall = "ignore"\n'
    files = {
        "main.py": "# mypy: ignore-errors\n" + WRONG.format(comment=""),
        "pyproject.toml": silence,
        "ty.toml": '[rules]\nall = "ignore"\n[src]\nexclude = ["**"]\n',
        ".gitignore": "*.py\n",
    }
    assert [finding.rule for finding in check_repository(files, Design())] == ["wrong-call", "undefined-name"]


def test_what_is_installed_here_does_not_count() -> None:
    code = "import click\n\nclick.no_such_thing()\n"
    assert check_repository({"main.py": code}, Design()) == []


def test_without_it_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PapercoderError, match="pip install ty"):
        check_repository({"main.py": "x = 1\n"}, Design())
    assert check_repository({"main.py": "x = 1\n"}, Design(), types=False) == []


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("sleep 5", "did not end within"),
        ("echo broken >&2; exit 2", "ended with 2: broken"),
        ("echo this is not JSON", "cannot be read"),
    ],
)
def test_where_it_fails_a_note_says_what_was_not_checked(
    script: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "ty"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setattr(typechecker, "SECONDS", 0.5)
    (found,) = check_repository({"main.py": "x = 1\n"}, Design())
    assert (found.rule, found.severity) == ("checker-unavailable", "low")
    assert says in found.problem


@pytest.mark.parametrize(
    "source",
    [
        "\0",
        "x = '\ud800'\n",
        "(" * 3000,
        "x = " + "+".join(["1"] * 5000) + "\n",
        "a" + ".b" * 900 + "\n",
        "\ufeffx = 1\n",
        "",
    ],
    ids=["null", "surrogate", "brackets", "sum", "chain", "bom", "empty"],
)
def test_hostile_sources_are_findings_not_crashes(source: str) -> None:
    assert all(finding.problem for finding in check_repository({"main.py": source, "b.py": "import main\n"}, Design()))
