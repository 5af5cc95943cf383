"""A repository has its files, and they tell what was decided and where it comes from."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from agents.context import Material
from papercoder.publication import publish
from papercoder.publication.notes import code_choices
from state.architecture import Architecture
from tests.git import git
from tests.publication.trees import OURS, Publish, tree


def test_the_repository_has_its_files(
    published: Publish, output: Path, code: dict[str, str], material: Material
) -> None:
    done = published()
    files = tree(output)
    assert set(files) >= OURS | set(code)
    assert {path for path in files if path.startswith(".papercoder/")} >= {
        ".papercoder/plan.json", ".papercoder/paper.md", ".papercoder/run.json", ".papercoder/analyses/src/model.py.md"
    }  # fmt: skip
    assert done.files == len(files)
    assert done.folder == str(output)
    assert done.warnings == []
    assert {path: files[path].decode() for path in code} == code
    assert yaml.safe_load(files["config.yaml"]) == {
        "data": {"noise": 0.2},
        "model": {"epsilon": 1e-9},
        "seeds": [0, 1, 2, 3, 4],
        "presets": {"smoke": {"seeds": [0]}, "small": {}, "full": {}},
    }
    assert json.loads(files[".papercoder/run.json"])["run"] == "run-1"
    assert os.access(output / "reproduce.sh", os.X_OK)
    assert not list(output.parent.glob(".*"))
    assert material.analyses["main.py"] in (output / ".papercoder/analyses/main.py.md").read_text()


def test_the_notes_name_every_choice_and_source(published: Publish, output: Path) -> None:
    published()
    notes = (output / "REPRODUCTION_NOTES.md").read_text()
    for part in (
        "Which split?",
        "Which solver?",
        "numpy's default generator because the paper names none",
        "Eq. 1 (E1)",
        "`seeds`",
        "one figure could not be read",
    ):
        assert part in notes
    readme = (output / "README.md").read_text()
    assert "| `digits/ridge/accuracy` | accuracy on digits | 93.4 % | Table 1 |" in readme


def test_the_contract_test_runs_and_tells_a_broken_promise(published: Publish, output: Path) -> None:
    published()
    contracts = (output / "tests/test_contracts.py").read_text()
    for path, text in {
        "src/data.py": "def load(): ...",
        "src/model.py": "class Ridge:\n    fit: int",
        "main.py": "",
    }.items():
        (output / path).write_text(text)
    run = [sys.executable, "-m", "unittest", "discover", "tests"]
    assert subprocess.run(run, cwd=output, capture_output=True, timeout=30).returncode == 0
    (output / "src/data.py").write_text("")
    broken = subprocess.run(run, cwd=output, capture_output=True, text=True, timeout=30)
    assert broken.returncode == 1
    assert "src.data lacks load" in broken.stderr
    assert "CONTRACTS" in contracts


def test_the_same_answers_make_the_same_files(published: Publish, output: Path) -> None:
    published()
    first = tree(output)
    shutil.rmtree(output)
    published()
    assert tree(output) == first


@pytest.mark.parametrize("name", ["../x.py", "/tmp/x.py", ".git/hooks/pre-commit", "a\\b.py", ".papercoder/../../x"])
def test_a_hostile_name_is_not_written(material: Material, output: Path, name: str) -> None:
    with pytest.raises(ValueError, match="file name"):
        publish(material, {name: "x"}, output, "run-1")
    assert not output.parent.exists() or not any(output.parent.iterdir())


def test_a_hostile_title_and_hostile_texts_are_only_text(
    material: Material, code: dict[str, str], output: Path
) -> None:
    hostile = "{{ 7*7 }} $(touch pwned) `id` \0 | a\n-- --amend\n```\n</details>"
    paper = material.paper.model_copy(update={"title": hostile, "authors": (hostile,)})
    done = publish(replace(material, paper=paper), {**code, "notes.txt": hostile}, output, "run-1")
    assert done.commit
    assert (output / "notes.txt").read_text() == hostile
    assert "{{ 7*7 }}" in git(output, "log", "--format=%B")
    assert not list(output.rglob("pwned"))


@pytest.mark.parametrize("path", ["x" * 97 + ".py", "/".join(["y" * 55] * 4) + "/m.py"])
def test_a_file_with_the_longest_allowed_name_is_published(material: Material, output: Path, path: str) -> None:
    assert material.architecture
    design = Architecture.model_validate(
        {"approach": "a", "files": [{"path": path, "purpose": "p"}], "entry_point": path, "open_choices": []}
    )
    publish(replace(material, architecture=design, analyses={path: "x"}), {path: "x = 1\n"}, output, "run-1")
    assert (output / path).is_file()


def test_choices_in_the_code_are_found_with_their_place() -> None:
    code = {
        "a.py": "x = 1  # Choice: one\n# not part of it\n\n# Choice: two\n# goes on\n#\ny = 2\n"
        "# Choice: three\n#Choice: four\n",
        "b.txt": "no choice",
    }
    found = [(choice.path, choice.line, choice.text.strip()) for choice in code_choices(code)]
    assert found == [("a.py", 1, "one"), ("a.py", 4, "two goes on"), ("a.py", 8, "three"), ("a.py", 9, "four")]
