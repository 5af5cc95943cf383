"""`papercoder … | head`: whatever reads our output may end first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PAPERCODER = str(Path(sys.executable).with_name("papercoder"))
EXAMPLE = str(Path(__file__).parents[2] / "examples" / "paper" / "paper.pdf")
ENDED = 141


def unread(*arguments: str, both: bool = False) -> subprocess.CompletedProcess[str]:
    """The command, whose reader is gone before the first word; with `both`, errors go to the same reader."""
    reading, writing = os.pipe()
    os.close(reading)
    errors = writing if both else subprocess.PIPE
    try:
        return subprocess.run([PAPERCODER, *arguments], stdout=writing, stderr=errors, text=True)
    finally:
        os.close(writing)


@pytest.mark.parametrize(
    "arguments",
    [
        ["read", EXAMPLE],
        ["read", EXAMPLE, "--json"],
        ["run", EXAMPLE, "--estimate", "--model", "openai:o3-mini"],
        ["doctor"],
        ["graph"],
        ["--help"],
        ["revise", "--help"],
        ["--version"],
    ],
    ids=lambda arguments: " ".join(argument for argument in arguments if argument != EXAMPLE),
)
def test_nobody_is_told_that_nobody_reads(arguments: list[str]) -> None:
    done = unread(*arguments)
    assert (done.returncode, done.stderr) == (ENDED, "")


def test_an_error_that_nobody_reads_ends_in_the_same_way(tmp_path: Path) -> None:
    done = unread("show", "nobody", "--home", str(tmp_path), both=True)
    assert done.returncode == ENDED


def test_who_reads_a_part_has_that_part(tmp_path: Path) -> None:
    shell = f"set -o pipefail; '{PAPERCODER}' read '{EXAMPLE}' | head --lines=1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True)
    assert done.stdout.startswith("Title")
    assert done.stderr == ""
    assert done.returncode in (0, ENDED), "all may have been written before head ended"
