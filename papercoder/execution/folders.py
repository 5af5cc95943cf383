"""Where files lie while they are run: a folder of their own, which no death of a process leaves behind for ever."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from papercoder.execution.copying import copied
from state.paths import confine


@contextmanager
def folder_with(files: Mapping[str, str], parent: Path, base: Path | None = None) -> Iterator[Path]:
    """A new folder below `parent` that holds these files, over a copy of `base`, and is gone afterwards.

    It is locked as long as it is used, by the kernel: what is not locked a killed process left, and is swept first.
    """
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    folder, lock = _locked(parent)
    try:
        if base:
            copied(base, folder)
        for path, text in files.items():
            _write(confine(folder, path, private=True), text)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
        with suppress(FileNotFoundError):  # swept by another before it was locked
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _sweep(parent: Path) -> None:
    for folder in parent.glob("run-*"):
        with suppress(OSError):  # in use, or gone
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    if target.suffix == ".sh":
        target.chmod(0o755)
