"""The processes below this one, and their end."""

import contextlib
import os
import signal
import time
from collections import defaultdict
from pathlib import Path

PATIENCE_SECONDS = 0.002


def end_all() -> None:
    """Kill everything below this process, which must be the reaper of its orphans, and return when it is gone.

    All are stopped before the first is killed: a killed process makes room for one more of a fork bomb.
    """
    while _reap():
        stopped: set[int] = set()
        while new := _below() - stopped:
            _signal(new, signal.SIGSTOP)
            stopped |= new
        _signal(stopped, signal.SIGKILL)
        time.sleep(PATIENCE_SECONDS)


def of_user(user: int) -> int:
    """How many processes and threads a user has, on this machine as far as it shows."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == user:
                count += sum(1 for _ in (folder / "task").iterdir())
    return count


def _reap() -> bool:
    """Take in those that have ended; is there any other?"""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _signal(processes: set[int], number: int) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def _below() -> set[int]:
    """Without those that are dead and wait to be taken in."""
    children = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, parent = (folder / "stat").read_bytes().rpartition(b")")[2].split()[:2]
            children[int(parent)].append((int(folder.name), state))
    found, parents = set(), [os.getpid()]
    while parents:
        for process, state in children.pop(parents.pop(), []):
            parents.append(process)
            if state not in b"ZX":
                found.add(process)
    return found
