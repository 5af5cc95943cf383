"""What a command leaves in /dev/shm, which Landlock cannot make private to it."""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path("/dev/shm")
MAPPED = re.compile(rb" /dev/shm/([^/\n]+)$", re.MULTILINE)


@contextlib.contextmanager
def tidied() -> Iterator[None]:
    """Remove afterwards what is new, ours, and used by no process: others use that folder too."""
    before = _names()
    try:
        yield
    finally:
        new = _names() - before
        for name in new - (_used() if new else set()):
            _remove(FOLDER / name)


def _names() -> set[str]:
    return {path.name for path in FOLDER.iterdir()} if FOLDER.is_dir() else set()


def _used() -> set[str]:
    """Names that are mapped or open in any process that shows us its own."""
    used = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            used |= {os.fsdecode(name) for name in MAPPED.findall((process / "maps").read_bytes())}
            for descriptor in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    target = descriptor.readlink()
                    used |= {target.name} if target.parent == FOLDER else set()
    return used


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        status = path.lstat()
        if status.st_uid == os.getuid() and stat.S_ISREG(status.st_mode):
            path.unlink()
