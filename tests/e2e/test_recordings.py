"""The demo's recorded answers belong to the prompts of today."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_demo_s_recordings_have_not_drifted(tmp_path: Path) -> None:
    """Every prompt of the demo is, to the letter, the one that was answered.  Renew them with --only-drifted.

    That its repository runs is seen by `make demo`, which CI runs first.
    """
    done = subprocess.run(
        [
            sys.executable, "-m", "papercoder", "run", str(ROOT / "examples" / "paper" / "paper.pdf"),
            "--model", f"replay:{ROOT / 'examples' / 'recordings'}", "--framework", "numpy and scikit-learn",
            "--output", str(tmp_path / "out"), "--home", str(tmp_path / "home"), "--yes", "--no-execute",
        ],
        capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
