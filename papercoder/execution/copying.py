"""A repository as it lies on the disk: copied for a run, and told apart from what it was before."""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from state.errors import InputError

SKIPPED = frozenset(
    {".git", "__pycache__", ".venv", "venv", "node_modules", "site-packages", ".mypy_cache", ".pytest_cache", ".tox"}
)
MAX_BYTES = 4 << 30


def copied(repository: Path, target: Path) -> None:
    """Everything of it but links, its history, and what programs leave behind."""
    for path in _files(repository):
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(repository / path, place, follow_symlinks=False)


def digest_of_rest(repository: Path, texts: Collection[str]) -> str:
    """Of the files that are not among the texts.  Raises `InputError` where it is too large to be copied."""
    whole, size = hashlib.sha256(), 0
    for path in _files(repository):
        size += (repository / path).stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                f"{repository} has more than {MAX_BYTES >> 30} GB, which is more than a repair copies.",
                "Move data out of it, or repair a copy without them.",
            )
        if path not in texts:
            with (repository / path).open("rb") as file:
                whole.update(path.encode("utf-8", "surrogateescape") + hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:16]


def names_in(repository: Path) -> frozenset[str]:
    """The paths of everything that stands in the way of a new file: links, too."""
    return frozenset(
        path.relative_to(repository).as_posix() for path in _walk(repository) if path.is_symlink() or not path.is_dir()
    )


def _files(repository: Path) -> Iterator[str]:
    for path in _walk(repository):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(repository).as_posix()


def _walk(repository: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(repository):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        links = [name for name in folders if Path(root, name).is_symlink()]
        yield from (Path(root, name) for name in sorted([*names, *links]))
