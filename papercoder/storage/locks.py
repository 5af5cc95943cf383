"""One process works on a run.  The lock is the kernel's, so it is gone with its process, however that ends."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from state.errors import RunLocked


@asynccontextmanager
async def alone(lock: Path) -> AsyncIterator[None]:
    """Waits until no other process holds the lock file, and holds it."""
    file = lock.open("a")
    try:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield
    finally:
        file.close()


@contextmanager
def lock_run(folder: Path, run: str) -> Iterator[None]:
    """Holds the run; raises `RunLocked` where another process does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{run}.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip()
            raise RunLocked(
                f"Another process{f' ({holder})' if holder else ''} is working on the run {run}.",
                "Wait for it, or stop it, then: papercoder resume " + run,
            ) from error
        file.truncate(0)
        file.write(f"pid {os.getpid()}")
        file.flush()
        yield


def is_locked(folder: Path, run: str) -> bool:
    """Whether some process is working on the run."""
    try:
        with lock_run(folder, run):
            return False
    except RunLocked:
        return True
