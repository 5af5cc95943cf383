"""The repository's history: one commit for each step of how it came about."""

import os
import shutil
import subprocess
from pathlib import Path

from papercoder.publication.files import Commit
from state.paths import confine

_TIMEOUT = 60


def commit_all(folder: Path, steps: list[Commit]) -> tuple[str, str]:
    """Commits the steps in order; the last commit's hash, and what went wrong, if anything did.

    Without git the repository is complete all the same, but has no history.
    """
    git = shutil.which("git")
    if git is None:
        return "", "git is not installed: the repository has no history"
    try:
        _git(git, folder, "init", "--quiet", "--initial-branch=main")
        for step in steps:
            for path, text in step.files.items():  # a later step may replace files of an earlier one
                confine(folder, path, private=True).write_text(text, encoding="utf-8", newline="\n")
            _git(git, folder, "add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul", given="\0".join(step.files))
            _git(git, folder, "commit", "--quiet", "--allow-empty", "--message", step.message)
        return _git(git, folder, "rev-parse", "HEAD").strip(), ""
    except subprocess.SubprocessError as error:
        detail = getattr(error, "stderr", "") or str(error)
        return "", f"git failed, so the repository has no complete history: {detail.strip()[:300]}"


def _git(git: str, folder: Path, *arguments: str, given: str = "") -> str:
    """git without the user's settings, hooks or signing: foreign files must not run anything here."""
    quiet = ["-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "commit.gpgSign=false"]
    identity = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
                for what, value in (("NAME", "papercoder"), ("EMAIL", "papercoder@localhost"))}  # fmt: skip
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **identity,
    }
    done = subprocess.run(
        [git, *quiet, *arguments], cwd=folder, env=environment, input=given, capture_output=True, text=True, check=True,
        timeout=_TIMEOUT,
    )  # fmt: skip
    return done.stdout
