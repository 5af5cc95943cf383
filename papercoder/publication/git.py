"""git as publication runs it: without the user's settings, hooks or signing; foreign files run nothing here."""

import os
import shutil
import subprocess
from pathlib import Path

IDENTITY = ("papercoder", "papercoder@localhost")
_TIMEOUT = 60
_QUIET = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.autocrlf=false", "commit.gpgSign=false",
    "gc.auto=0", "maintenance.auto=false",
)  # fmt: skip


def installed() -> bool:
    return shutil.which("git") is not None


def git(folder: Path, *arguments: str, given: str = "") -> str:
    """What it prints.  Raises `SubprocessError` where it fails, or is not there."""
    settings = [part for setting in _QUIET for part in ("-c", setting)]
    name, address = IDENTITY
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": os.devnull,  # not the folder: it may hold a foreign .gitconfig
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_NAME": name for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": address for who in ("AUTHOR", "COMMITTER")},
    }
    try:
        done = subprocess.run(
            [shutil.which("git") or "git", *settings, *arguments], cwd=folder, env=environment, input=given,
            capture_output=True, check=True, encoding="utf-8", errors="replace", timeout=_TIMEOUT,
        )  # fmt: skip
    except OSError as error:
        raise subprocess.SubprocessError(f"git cannot be run: {error.strerror}") from error
    return done.stdout
