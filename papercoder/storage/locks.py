"""One process works on a run.  A lock is gone with its process, however that ends."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Protocol

from state.errors import RunLocked


class Locks(Protocol):
    """Who works on which run."""

    def hold(self, run: str) -> AbstractAsyncContextManager[None]:
        """Holds the run; raises `RunLocked` where another process does.  Waits while `nobody` is held."""
        ...

    async def held(self, runs: Iterable[str]) -> set[str]:
        """Those of the runs that some process holds."""
        ...

    def nobody(self) -> AbstractAsyncContextManager[bool]:
        """Whether no process holds any run; if so, none can begin to before this is over."""
        ...

    def forget(self, run: str) -> None:
        """Leaves no trace of a run that was removed."""
        ...


def locked(run: str, holder: str) -> RunLocked:
    return RunLocked(
        f"Another process{f' ({holder})' if holder else ''} is working on the run {run}.",
        "Wait for it, or stop it, then: papercoder resume " + run,
    )


class FileLocks:
    """The kernel's locks (`flock`) on files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def hold(self, run: str) -> AsyncIterator[None]:
        with lock_run(self._folder, run), self._working() as working:
            await asyncio.to_thread(fcntl.flock, working, fcntl.LOCK_SH)
            yield

    async def held(self, runs: Iterable[str]) -> set[str]:
        return {run for run in runs if is_locked(self._folder, run)}

    @asynccontextmanager
    async def nobody(self) -> AsyncIterator[bool]:
        with self._working() as working:
            try:
                fcntl.flock(working, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def forget(self, run: str) -> None:
        (self._folder / f"{run}.lock").unlink(missing_ok=True)

    def _working(self) -> TextIOWrapper:
        """A file that everyone who works on a run shares; no run's id begins with a dot."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return (self._folder / ".working").open("a")


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
            raise locked(run, file.read().strip()) from error
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
