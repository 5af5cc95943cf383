"""A published repository as its files."""

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


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
