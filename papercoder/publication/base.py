"""An existing repository that a run builds on, read as text."""

import os
from pathlib import Path

from papercoder.texts import is_plain, text_of
from state.errors import InputError

MAX_FILES = 2_000
MAX_BYTES = 5_000_000
MAX_FILE_BYTES = 400_000
_SKIPPED = {".git", ".papercoder", "__pycache__", ".venv", "venv", "node_modules", ".mypy_cache", ".pytest_cache"}


def read_base(folder: Path) -> dict[str, str]:
    """Every text file of the repository, by path.  Links, binary and very large files are left out."""
    if not folder.is_dir():
        raise InputError(
            f"The base repository {str(folder)!r} is not a folder.", "Give the folder of a checked-out repository."
        )
    files: dict[str, str] = {}
    size = 0
    for path in _walk(folder):
        text = text_of(folder / path, MAX_FILE_BYTES, " of the base repository")
        if text is None:
            continue
        files[path] = text
        size += len(text)
        if len(files) > MAX_FILES or size > MAX_BYTES:
            raise InputError(
                f"The base repository {str(folder)!r} has over {MAX_FILES:,} text files or {MAX_BYTES:,} characters.",
                "Give the part of it that the paper builds on.",
            )
    return files


def _walk(folder: Path) -> list[str]:
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        found += [(Path(root) / name).relative_to(folder).as_posix() for name in sorted(names)]
    return [path for path in found if is_plain(path)]
