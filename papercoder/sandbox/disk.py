"""By how much folders have grown, looked at as often as looking is cheap."""

import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

BLOCK_BYTES = 512
LEAST_BYTES = 4096  # that a file takes, however empty
UNKNOWN = 1 << 62  # of what lies deeper than a path can be long
SHARE_OF_TIME = 0.2  # of the run that looking may take
LEAST_SECONDS = 0.25


class Growth:
    """What stands in ``folders`` now counts as nothing; more than ``most`` bytes on top of it is too much."""

    def __init__(self, folders: Sequence[Path], most: int) -> None:
        self._folders = folders
        self._most = sum(size for size in _sizes(folders) if size != UNKNOWN) + most
        self._next = time.monotonic() + LEAST_SECONDS

    def exceeded(self, processes: Iterable[int]) -> bool:
        """Too much?  Files that were deleted and are still open by ``processes`` count."""
        started = time.monotonic()
        if started < self._next:
            return False
        total = 0
        for size in chain(_sizes(self._folders), _deleted(processes)):
            total += size
            if total > self._most:
                return True
        self._next = started + max(LEAST_SECONDS, (time.monotonic() - started) / SHARE_OF_TIME)
        return False


def _sizes(folders: Sequence[Path]) -> Iterator[int]:
    """Of everything below, no link followed; what is named twice counts twice."""
    waiting = [str(folder) for folder in folders]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                found = [(entry.path, entry.stat(follow_symlinks=False)) for entry in entries]
        except OSError as error:  # it changed under our eyes, or has been hidden on purpose
            if error.errno == errno.ENAMETOOLONG:
                yield UNKNOWN
            continue
        for path, status in found:
            yield max(status.st_blocks * BLOCK_BYTES, LEAST_BYTES)
            if stat.S_ISDIR(status.st_mode):
                waiting.append(path)


def _deleted(processes: Iterable[int]) -> Iterator[int]:
    """Files that have no name any more; what several processes hold counts once."""
    seen = set()
    for process in processes:
        with contextlib.suppress(OSError):  # it ended meanwhile
            for descriptor in Path(f"/proc/{process}/fd").iterdir():
                with contextlib.suppress(OSError):
                    found = descriptor.stat()
                    if found.st_nlink == 0 and stat.S_ISREG(found.st_mode):
                        seen.add((found.st_dev, found.st_ino, found.st_blocks * BLOCK_BYTES))
    return (size for _, _, size in seen)
