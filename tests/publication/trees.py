"""A published repository as its files and its history."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from state.published import Published

Publish = Callable[..., Published]

OURS = {
    "README.md",
    "REPRODUCTION_NOTES.md",
    "config.yaml",
    "requirements.txt",
    "reproduce.sh",
    "tests/test_contracts.py",
    ".gitignore",
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
