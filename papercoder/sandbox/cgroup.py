"""The limit on root's processes: RLIMIT_NPROC does not bind root, and a watch starves under a fork bomb."""

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

HIERARCHIES = (Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup"))  # of version 1, of version 2
REMOVE_SECONDS = 10.0


@contextlib.contextmanager
def process_group(processes: int) -> Iterator[list[str]]:
    """What to put before a command so that the kernel holds it to ``processes``; empty where that cannot be done."""
    if os.geteuid() != 0 or not (folder := _create(processes)):
        yield []
        return
    try:
        yield ["/bin/sh", "-c", 'echo 0 > "$0" && exec "$@"', str(folder / "cgroup.procs")]
    finally:
        _remove(folder)


def _create(processes: int) -> Path | None:
    for hierarchy in HIERARCHIES:
        _sweep(hierarchy)
        folder = hierarchy / f"papercoder-{os.getpid()}-{uuid.uuid4().hex}"
        try:
            folder.mkdir()
        except OSError:  # not there, or read-only as in most containers
            continue
        try:
            (folder / "pids.max").write_text(str(processes))
        except OSError:  # a hierarchy without the controller
            folder.rmdir()
            continue
        return folder
    return None


def _sweep(hierarchy: Path) -> None:
    """Remove what runs left that were killed before they could."""
    for folder in hierarchy.glob("papercoder-*-*"):
        if not Path("/proc", folder.name.split("-")[1]).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()


def _remove(folder: Path) -> None:
    """Once its last process is gone, which the kernel may take a moment over."""
    deadline = time.monotonic() + REMOVE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            folder.rmdir()
            return
        time.sleep(0.01)
