"""A virtual environment for generated code, from its requirements.txt: the one step that uses the network.

It is made once for each set of requirements, and read-only ever after.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from papercoder.sandbox.installing import Installation, find_uv
from papercoder.sandbox.interface import Sandbox
from papercoder.sandbox.requirements import InstallError, parse_requirements
from papercoder.sandbox.stopping import go_on

COMPLETE = ".complete"
MAKE_SECONDS = 300
LOCK_SECONDS = 0.1


def create_environment(
    requirements: str, folder: Path, *, sandbox: Sandbox, log: Callable[[str], None], also: Sequence[str] = ()
) -> Path:
    """A venv below ``folder`` with ``requirements``, and ``also`` where they leave room for it.

    `InstallError` if that cannot be done; `SandboxFailed` if the sandbox could not start.
    """
    wanted = [*parse_requirements(requirements), *also]
    key = hashlib.sha256("\n".join([sys.version, sys.base_prefix, *wanted]).encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    target = folder.resolve() / key
    with _locked(target.with_suffix(".lock")):
        # Built in place, since a venv cannot be moved; the marker comes last, so what lacks it was interrupted, and
        # what is beside it is the scratch of that.
        if not (target / COMPLETE).exists():
            for left in (target, *target.parent.glob(f"{target.name}-*")):
                shutil.rmtree(left, ignore_errors=True)
            _build(wanted, target, sandbox, log)
            (target / COMPLETE).touch()
    return target


def _build(wanted: Sequence[str], target: Path, sandbox: Sandbox, log: Callable[[str], None]) -> None:
    started = time.monotonic()
    uv = find_uv()
    log(f"installing {len(wanted)} packages with {'uv' if uv else 'pip'}: {', '.join(wanted) or 'none'}")
    _make(target, uv)
    if wanted:
        Installation(wanted, target, uv, sandbox, log).run()
    log(f"environment ready after {time.monotonic() - started:.1f} s: {target}")


def _make(target: Path, uv: Path | None) -> None:
    """Empty as yet, so nothing foreign has a part in it."""
    command = [uv, "venv", "--quiet", "--python", sys.executable] if uv else [sys.executable, "-I", "-m", "venv"]
    try:
        done = subprocess.run(
            [*command, target], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=MAKE_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InstallError(f"the virtual environment could not be made: {error}") from error
    if done.returncode:
        raise InstallError(f"the virtual environment could not be made: {done.stderr.strip()}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One builder at a time, also between processes; the lock ends with its holder, however that ends."""
    with path.open("w") as file:
        while not _taken(file):
            go_on()
            time.sleep(LOCK_SECONDS)
        yield


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
