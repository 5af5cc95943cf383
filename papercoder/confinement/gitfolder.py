"""A repository's .git around a run of foreign code: its hooks and settings are commands that git runs later.

Landlock cannot take a folder out of one that may be written.  So what git would execute is remembered before the
run and put back after it; history is left alone, since its owner may commit meanwhile.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

MAX_BYTES = 64 << 20
HISTORY = {"objects", "refs", "logs", "index", "HEAD", "ORIG_HEAD", "FETCH_HEAD", "COMMIT_EDITMSG", "packed-refs"}

Entry = tuple[int, bytes]  # mode and content; a link's content is its target


@contextlib.contextmanager
def guarded(repository: Path) -> Iterator[None]:
    """Whatever happens inside, git executes afterwards what it would have executed before."""
    place = repository / ".git"
    if place.is_symlink():
        raise OSError(f"{place} is a symbolic link; remove it")
    before = _entries(place) if place.exists() else {}
    was_folder = place.is_dir()
    try:
        yield
    finally:
        if _replaced(place, before, was_folder):
            _set_aside(place)
        _restore(place, before)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _replaced(place: Path, before: dict[str, Entry], was_folder: bool) -> bool:
    if was_folder:
        return not _is_folder(place)
    return _is_folder(place) or (os.path.lexists(place) and {".": _read(place)} != before)


def _set_aside(path: Path) -> None:
    """What the command made in place of .git: git does not look at it under another name."""
    if os.path.lexists(path):
        path.rename(path.with_name(f".git-made-by-the-run-{uuid4().hex[:8]}"))


def _entries(folder: Path) -> dict[str, Entry]:
    found, total = {}, 0
    for path in _files(folder):
        entry = _read(path)
        total += len(entry[1])
        if total > MAX_BYTES:
            raise OSError(f"{folder} holds more than {MAX_BYTES} bytes beside its history")
        found[str(path.relative_to(folder))] = entry
    return found


def _files(place: Path) -> Iterator[Path]:
    """All but folders and history, no link followed; of a .git that is a file, that file."""
    waiting = [place] if os.path.lexists(place) else []
    while waiting:
        path = waiting.pop()
        if not _is_folder(path):
            yield path
            continue
        with contextlib.suppress(OSError):  # deeper than a path can be long, so that git does not get there either
            waiting += [child for child in path.iterdir() if child.name not in HISTORY]


def _read(path: Path) -> Entry:
    mode = path.lstat().st_mode
    if path.is_symlink():
        return mode, os.fsencode(path.readlink())
    with open(path, "rb", opener=_without_waiting) as file:
        return mode, file.read(MAX_BYTES + 1)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)  # the command may have left a pipe


def _restore(folder: Path, before: dict[str, Entry]) -> None:
    for name, (mode, content) in before.items():
        _put(folder, folder / name, mode, content)
    for path in _files(folder):
        if str(path.relative_to(folder)) not in before:
            path.unlink()


def _put(folder: Path, path: Path, mode: int, content: bytes) -> None:
    with contextlib.suppress(OSError):
        if path.lstat().st_mode == mode and path.resolve().is_relative_to(folder) and _read(path)[1] == content:
            return
    for parent in [*reversed(path.relative_to(folder).parents)]:
        if os.path.lexists(folder / parent) and not _is_folder(folder / parent):
            (folder / parent).unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    if _is_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    if mode & 0o170000 == 0o120000:
        path.symlink_to(os.fsdecode(content))
    else:
        path.write_bytes(content)
        path.chmod(mode & 0o7777)
