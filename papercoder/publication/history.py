"""The repository's history: one commit for each step of how it came about."""

import subprocess
from pathlib import Path

from papercoder.publication.files import Commit
from papercoder.publication.git import git, installed
from state.paths import confine


def commit_all(folder: Path, steps: list[Commit]) -> tuple[str, str]:
    """Commits the steps in order; the last commit's hash, and what went wrong, if anything did.

    Without git the repository is complete all the same, but has no history.
    """
    if not installed():
        return "", "git is not installed: the repository has no history"
    try:
        git(folder, "init", "--quiet", "--initial-branch=main")
        for step in steps:
            _write(folder, step)
            listed = "\0".join(step.files)
            git(folder, "add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul", given=listed)
            git(folder, "commit", "--quiet", "--allow-empty", "--file=-", given=step.message.replace("\0", ""))
        return git(folder, "rev-parse", "HEAD").strip(), ""
    except subprocess.SubprocessError as error:
        for step in steps:  # whichever step it was, the folder holds the last version of every file
            _write(folder, step)
        detail = str(getattr(error, "stderr", "") or error)
        return "", f"git failed, so the repository has no complete history: {detail.strip()[:300]}"


def head(folder: Path) -> str:
    """The hash of the last commit; empty where there is none, or no git."""
    try:
        return git(folder, "rev-parse", "HEAD").strip() if installed() and (folder / ".git").is_dir() else ""
    except subprocess.SubprocessError:
        return ""


def _write(folder: Path, step: Commit) -> None:
    """A later step may replace files of an earlier one."""
    for path, text in step.files.items():
        confine(folder, path, private=True).write_text(text, encoding="utf-8", newline="\n")
