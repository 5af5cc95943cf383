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
            _write(folder, step)
            _git(
                git,
                folder,
                "add",
                "--force",
                "--pathspec-from-file=-",
                "--pathspec-file-nul",
                given="\0".join(step.files),
            )
            _git(git, folder, "commit", "--quiet", "--allow-empty", "--file=-", given=step.message.replace("\0", ""))
        return _git(git, folder, "rev-parse", "HEAD").strip(), ""
    except subprocess.SubprocessError as error:
        for step in steps:  # whichever step it was, the folder holds the last version of every file
            _write(folder, step)
        detail = str(getattr(error, "stderr", "") or error)
        return "", f"git failed, so the repository has no complete history: {detail.strip()[:300]}"


def head(folder: Path) -> str:
    """The hash of the last commit; empty where there is none, or no git."""
    git = shutil.which("git")
    try:
        return _git(git, folder, "rev-parse", "HEAD").strip() if git and (folder / ".git").is_dir() else ""
    except subprocess.SubprocessError:
        return ""


def _write(folder: Path, step: Commit) -> None:
    """A later step may replace files of an earlier one."""
    for path, text in step.files.items():
        confine(folder, path, private=True).write_text(text, encoding="utf-8", newline="\n")


def _git(git: str, folder: Path, *arguments: str, given: str = "") -> str:
    """git without the user's settings, hooks or signing: foreign files must not run anything here."""
    quiet = ["-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "commit.gpgSign=false"]
    identity = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
                for what, value in (("NAME", "papercoder"), ("EMAIL", "papercoder@localhost"))}  # fmt: skip
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": os.devnull,  # not the folder: it may hold a foreign .gitconfig
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **identity,
    }
    try:
        done = subprocess.run(
            [git, *quiet, *arguments], cwd=folder, env=environment, input=given, capture_output=True, check=True,
            encoding="utf-8", errors="replace", timeout=_TIMEOUT,
        )  # fmt: skip
    except OSError as error:
        raise subprocess.SubprocessError(f"{git} cannot be run: {error.strerror}") from error
    return done.stdout
