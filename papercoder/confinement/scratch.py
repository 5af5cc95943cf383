"""A private folder in the place of /tmp and of home."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

PREFIX = "papercoder-sandbox-"
SWEPT_AFTER_SECONDS = 60  # between making a folder and locking it nobody shall take it for left behind


def scratch_folder() -> Path:
    """A name for one, of nobody else."""
    return Path(gettempdir()).resolve() / f"{PREFIX}{os.getuid()}-{uuid4().hex}"


@contextlib.contextmanager
def temporary() -> Iterator[Path]:
    """One with a name of its own."""
    folder = scratch_folder()
    with private(folder):
        yield folder


@contextlib.contextmanager
def private(path: Path) -> Iterator[None]:
    """The folder while somebody uses it, locked; what others left who were killed is removed."""
    _sweep(path)
    path.mkdir(mode=0o700)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        _remove(path)
        os.close(descriptor)


def _sweep(like: Path) -> None:
    for path in like.parent.glob(f"{like.name.rpartition('-')[0]}-*"):
        with contextlib.suppress(OSError):
            old = path.lstat().st_mtime < time.time() - SWEPT_AFTER_SECONDS
            if old and _unlocked(path):
                _remove(path)


def _remove(folder: Path) -> None:
    """With `rm`, which no depth of folders brings down."""
    os.spawnvp(os.P_WAIT, "rm", ["rm", "-rf", "--", str(folder)])


def _unlocked(path: Path) -> bool:
    descriptor = os.open(path, os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    finally:
        os.close(descriptor)
