"""`check`: what it finds in a repository that papercoder wrote, and in any other."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "main.py").write_text("from model import fit\n\nprint(fit(1))\n")
    (folder / "model.py").write_text("def fit(x: int) -> int:\n    # Eq. 1 [E1]\n    return x\n")
    design = folder / ".papercoder"
    design.mkdir()
    (design / "paper.md").write_text("# A paper\n\n## 2 Method [S2]\n\n[E1] $$ x $$ (1)\n")
    symbol = {"name": "fit", "signature": "def fit(x: int) -> int", "purpose": "", "source": ["E1"]}
    files = [{"path": "main.py", "purpose": ""}, {"path": "model.py", "purpose": "", "symbols": [symbol]}]
    artifact = {"approach": "", "files": files, "entry_point": "main.py", "open_choices": []}
    (design / "architecture.json").write_text(json.dumps(artifact))
    return folder


def test_a_correct_repository_passes(invoke, repository: Path) -> None:
    answer = invoke("check", str(repository))
    assert answer.exit_code == 0
    assert answer.stdout == "2 files: nothing found.\n"


def test_findings_are_shown_with_place_rule_and_fix(invoke, repository: Path) -> None:
    (repository / "model.py").write_text("def fit(x, y):\n    # Eq. 2 [E2]\n    return x\n")
    answer = invoke("check", str(repository))
    assert answer.exit_code == 9
    assert "main.py:3: high wrong-call: No argument provided for required parameter `y`" in answer.stdout
    assert "model.py:1: high broken-contract: fit requires the further argument y" in answer.stdout
    assert "→ Give it the signature `def fit(x: int) -> int`." in answer.stdout
    assert "model.py:2: medium unknown-citation: The paper has no passage E2." in answer.stdout
    assert answer.stdout.endswith("2 files: 2 high, 1 medium, 0 low.\n")


def test_a_repository_without_a_design_is_checked_all_the_same(invoke, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.py").write_text("import nothing_here\n\nprint(nowhere)\n")
    answer = invoke("check", str(tmp_path / "code"), "--json")
    assert answer.exit_code == 9
    assert [(item["rule"], item["file"], item["line"]) for item in json.loads(answer.stdout)] == [
        ("undefined-name", "main.py", 3)
    ]


def test_a_broken_design_is_an_error_with_a_next_step(invoke, repository: Path) -> None:
    (repository / ".papercoder" / "architecture.json").write_text("{}")
    answer = invoke("check", str(repository))
    assert answer.exit_code == 3
    assert "history" in answer.stderr
