"""What a tree of processes uses, read from /proc."""

import os
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Usage(NamedTuple):
    tasks: int
    memory: int
    processes: tuple[int, ...]


class _Process(NamedTuple):
    pid: int
    parent: int
    threads: int
    resident: int


def tree_usage(root: int, *, enough: int) -> Usage:
    """Threads and memory of everything below ``root``.

    Resident memory counts a shared page once for every process, which is unfair to workers forked from a large
    parent; the fair figure is slow to read, so only a sum above ``enough`` is measured again.
    """
    below = _descendants(root)
    memory = sum(process.resident for process in below)
    if memory > enough:
        memory = sum(_proportional(process) for process in below)
    return Usage(sum(process.threads for process in below), memory, tuple(process.pid for process in below))


def _descendants(root: int) -> list[_Process]:
    children = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        if process := _read(folder):
            children[process.parent].append(process)
    found, parents = [], [root]
    while parents:
        below = children.pop(parents.pop(), [])
        found += below
        parents += [process.pid for process in below]
    return found


def _read(folder: Path) -> _Process | None:
    try:
        # The second field is the process's own choice of name: only what follows its last bracket can be trusted.
        fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:  # it ended meanwhile
        return None
    return _Process(int(folder.name), int(fields[1]), int(fields[17]), int(fields[21]) * PAGE_BYTES)


def _proportional(process: _Process) -> int:
    try:
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile, and its memory is free
        return 0
    except OSError:  # it hides from us: then its resident memory counts
        return process.resident
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
