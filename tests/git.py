"""git, as a test looks at a history or makes one."""

import subprocess
from pathlib import Path

ADA = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "core.autocrlf=false")
"""Whoever the machine's own settings name, or nobody."""


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *ADA, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()
