"""`reproduce.sh` works from a fresh clone, on a machine that knows nothing of us."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agents.context import Material
from papercoder.publication import publish

MAIN = """
import argparse, json, sys
parser = argparse.ArgumentParser()
parser.add_argument("--config")
parser.add_argument("--preset", default="full")
parser.add_argument("--smoke", dest="preset", action="store_const", const="smoke")
preset = parser.parse_args().preset
name = "results.json" if preset == "full" else f"results.{preset}.json"
json.dump({"prefix": sys.prefix, "preset": preset}, open(name, "w"))
"""


@pytest.fixture(scope="module")
def origin(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert material.logic
    folder = tmp_path_factory.mktemp("origin") / "repository"
    logic = material.logic.model_copy(update={"packages": []})
    publish(replace(material, logic=logic), {"main.py": MAIN}, folder, "run-1")
    return folder


@pytest.fixture
def clone(origin: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "a clone"
    subprocess.run(["git", "clone", "--quiet", str(origin), str(folder)], check=True)
    return folder


def reproduce(folder: Path, *arguments: str, python: Path | None = None) -> subprocess.CompletedProcess[str]:
    """From another folder, with nothing in the environment but a PATH to some Python."""
    path = f"{python or Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin"
    return subprocess.run(
        ["bash", f"{folder.name}/reproduce.sh", *arguments],
        cwd=folder.parent, env={"PATH": path, "HOME": str(folder.parent)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_a_fresh_clone_makes_its_own_environment_once(clone: Path) -> None:
    first = reproduce(clone, "--smoke")
    assert first.returncode == 0, first.stderr
    assert "installing requirements.txt into .venv" in first.stdout
    smoke = json.loads((clone / "results.smoke.json").read_text())
    assert smoke == {"prefix": str(clone / ".venv"), "preset": "smoke"}
    again = reproduce(clone)
    assert (again.returncode, again.stdout) == (0, "")
    assert json.loads((clone / "results.json").read_text())["preset"] == "full"
    status = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert status.stdout == "", "what a run writes is ignored by git"


def test_an_active_environment_is_used(clone: Path) -> None:
    ours = Path(sys.prefix) / "bin"
    done = reproduce(clone, "--small", python=ours)
    assert done.returncode == 0, done.stderr
    assert json.loads((clone / "results.small.json").read_text()) == {"prefix": sys.prefix, "preset": "small"}
    assert not (clone / ".venv").exists()


def test_a_run_that_measures_nothing_is_no_success(clone: Path) -> None:
    (clone / "results.json").write_text("{}")  # of an earlier run
    (clone / "main.py").write_text("print('skipped')\n")
    done = reproduce(clone, python=Path(sys.prefix) / "bin")
    assert done.returncode == 1
    assert "results.json was not written: this run has measured nothing." in done.stderr


def test_an_unknown_option_is_refused(clone: Path) -> None:
    done = reproduce(clone, "--fast")
    assert done.returncode == 2
    assert done.stderr == "usage: bash reproduce.sh [--small | --smoke]\n"


def test_the_script_can_be_run_by_its_name(clone: Path) -> None:
    assert os.access(clone / "reproduce.sh", os.X_OK)
