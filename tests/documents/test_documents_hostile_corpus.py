"""The hostile corpus is refused or contained, in bounded memory."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.documents.hostile_corpus import CONTAINED, REFUSED, SECRET

TIMEOUT = 300
CHILD = Path(__file__).with_name("hostile_child.py")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of each file, read one after the other in a process with little memory."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "secret.txt").write_text(SECRET)
    paths = {}
    for number, (name, (file, build, _)) in enumerate({**REFUSED, **CONTAINED}.items()):
        folder = root / str(number)
        folder.mkdir()
        (folder / file).write_bytes(build(folder))
        paths[name] = str(folder / file)
    (root / "corpus.json").write_text(json.dumps(paths))
    done = subprocess.run([sys.executable, CHILD, root], capture_output=True, text=True, timeout=TIMEOUT, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    last = list(paths)[len(lines)] if len(lines) < len(paths) else ""
    assert done.returncode == 0, f"reading {last!r} ended the process: {done.stderr[-2000:]}"
    return {line["name"]: line for line in lines}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_its_reason_and_what_to_do(outcomes: dict[str, dict[str, Any]], name: str) -> None:
    error = outcomes[name]["error"]
    assert re.search(REFUSED[name][2], error, re.DOTALL)
    assert error.rstrip().endswith(".")
    assert "Traceback" not in error


@pytest.mark.parametrize("name", CONTAINED)
def test_it_is_read_without_harm_and_what_was_left_out_is_said(outcomes: dict[str, dict[str, Any]], name: str) -> None:
    outcome = outcomes[name]
    assert outcome["error"] == ""
    assert "Safe words." in outcome["text"]
    for harm in (SECRET, "EVIL", "root:", "aaaaaaaaaaaaaaaaaaaa", "\0", "\x1b"):
        assert harm not in outcome["text"]
    assert CONTAINED[name][2] in " ".join(outcome["warnings"])
