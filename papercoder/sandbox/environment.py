"""A virtual environment for generated code, from its requirements.txt: the one step that uses the network.

Nothing it installs is executed outside the sandbox: only wheels (building from source runs the package's own code),
and once packages are in it, the environment's interpreter is not started any more.
"""

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

INSTALL_SECONDS = 3600
KEPT_CHARACTERS = 4000
COMPLETE = ".complete"


class InstallError(RuntimeError):
    """The environment could not be made; the message ends with the last lines of the installer."""


class RefusedRequirement(InstallError):
    """A line of requirements.txt that is more than a package's name and versions."""


def create_environment(requirements: str, folder: Path, *, log: Callable[[str], None]) -> Path:
    """A venv below ``folder`` with ``requirements`` installed; made once for each set of requirements and Python."""
    wanted = parse_requirements(requirements)
    key = hashlib.sha256("\n".join([sys.version, sys.base_prefix, *wanted]).encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    target = folder.resolve() / key
    with _locked(target.with_suffix(".lock")):
        # Built in place, since a venv cannot be moved; the marker comes last, so what lacks it was interrupted.
        if not (target / COMPLETE).exists():
            shutil.rmtree(target, ignore_errors=True)
            _build(wanted, target, log)
            (target / COMPLETE).touch()
    return target


def parse_requirements(text: str) -> list[str]:
    """The requirements, rewritten so that no installer can take one for an option, a path or an address."""
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    return sorted({_plain(line) for line in lines if line})


def _plain(line: str) -> str:
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        raise RefusedRequirement(f"requirements.txt: {line!r} is not a package with versions: {error}") from error
    # `===` takes any string, also one that pip reads as the path of a wheel.
    if requirement.url or any(specifier.operator == "===" for specifier in requirement.specifier):
        raise RefusedRequirement(f"requirements.txt: {line!r}: only names, extras and versions are allowed")
    requirement.name = canonicalize_name(requirement.name)  # without dots, so never a file such as `x.whl`
    return str(requirement)


def _build(wanted: Sequence[str], target: Path, log: Callable[[str], None]) -> None:
    started = time.monotonic()
    python, listing = str(target / "bin" / "python"), target / "requirements.txt"
    if uv := _find_uv():
        make = [uv, "venv", "--python", sys.executable, str(target)]
        install = [uv, "pip", "install", "--python", python]
    else:
        make = [sys.executable, "-I", "-m", "venv", str(target)]
        install = [python, "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    log(f"installing {len(wanted)} packages with {'uv' if uv else 'pip'}: {', '.join(wanted) or 'none'}")
    _run(make, target.parent)
    if wanted:
        listing.write_text("\n".join(wanted) + "\n")
        _run([*install, "--only-binary", ":all:", "-r", str(listing)], target.parent)
        # Read-only inside, it could never keep its bytecode.  Our interpreter compiles; the venv's would run `.pth`.
        _run([sys.executable, "-I", "-m", "compileall", "-qq", "-j0", str(target / "lib")], target.parent, check=False)
    log(f"environment ready after {time.monotonic() - started:.1f} s: {target}")


def _find_uv() -> str | None:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.is_file() else shutil.which("uv")


def _run(command: Sequence[str], folder: Path, *, check: bool = True) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", timeout=INSTALL_SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InstallError(f"{command[0]} did not finish: {error}") from error
    if check and done.returncode:
        raise InstallError(f"`{' '.join(command)}` failed:\n{done.stdout[-KEPT_CHARACTERS:].strip()}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One builder at a time, also between processes; the lock ends with its holder, however that ends."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
