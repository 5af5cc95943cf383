"""A repository as a judge reads it: its text files, and what was left out.  Nothing in it is run or imported."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from papercoder.texts import is_plain, text_of
from state.errors import InputError
from state.walkthrough import NOTEBOOK

CODE = frozenset(
    {".py", ".ipynb", ".R", ".Rmd", ".m", ".jl", ".c", ".h", ".cpp", ".hpp", ".cc", ".cu", ".cuh", ".pyx", ".java"}
    | {".js", ".ts", ".scala", ".go", ".rs", ".lua"}
)
SETTINGS = frozenset({".yaml", ".yml", ".toml", ".cfg", ".ini", ".json", ".config"})
SCRIPTS = frozenset({".sh", ".bash"})
WORDS = frozenset({".md", ".txt", ".rst"})
RESULTS = frozenset({"reproduce.log", "results.json"})
"""What a run leaves behind; they are shown to whom they concern."""

SKIPPED = frozenset(
    {".git", ".github", ".papercoder", "__pycache__", ".venv", "venv", ".env", "node_modules", "site-packages"}
    | {".mypy_cache", ".pytest_cache", ".ipynb_checkpoints", ".tox", "build", "dist", "wandb"}
)
MAX_FILES = 5_000
MAX_BYTES = 20_000_000
MAX_FILE_BYTES = 400_000


@dataclass(frozen=True)
class Repository:
    """`files`: path → text.  `left_out`: what could not be read as text, or is too large, and why."""

    files: dict[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def read_repository(folder: Path) -> Repository:
    """Raises `InputError` where there is no folder, or nothing to judge in it."""
    if not folder.is_dir():
        raise InputError(f"There is no repository at {folder}.", "Give the folder of a checked-out repository.")
    files: dict[str, str] = {}
    left_out: list[str] = []
    size = 0
    for path in _walk(folder):
        text = text_of(folder / path, MAX_FILE_BYTES)
        size += len(text or "")
        if text is None:
            left_out.append(f"{path} is a link, no text, or larger than {MAX_FILE_BYTES:,} bytes")
        elif len(files) >= MAX_FILES or size > MAX_BYTES:
            left_out.append(f"{path} lies beyond {MAX_FILES:,} files or {MAX_BYTES:,} characters")
        elif text.strip():
            files[path] = text
    if not files:
        raise InputError(f"There is no code in {folder}.", "Give the folder that the sources are in.")
    return Repository(files, tuple(left_out))


def _walk(folder: Path) -> Iterator[str]:
    ours = (folder / ".papercoder").is_dir()
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.endswith(".egg-info"))
        for name in sorted(names):
            path = (Path(root) / name).relative_to(folder).as_posix()
            if ours and path == NOTEBOOK:  # it quotes the paper, which is no merit of the code
                continue
            if _is_read(name) and is_plain(path):
                yield path


def _is_read(name: str) -> bool:
    return Path(name).suffix in CODE | SETTINGS | SCRIPTS | WORDS or name in RESULTS
