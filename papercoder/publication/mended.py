"""Edits written back into a repository that was there before: as a commit, never over what its owner changed."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from state.errors import InputError, OutputError
from state.paths import confine
from state.published import Published

GIT_SECONDS = 60
GIT = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false")
"""Nothing of the repository's own runs because of us."""


def check_clean(repository: Path) -> None:
    """Raises `InputError` where files that git knows are changed: what is mended shall not mix with that."""
    changed = [line[3:] for line in _git(repository, "status", "--porcelain", "--untracked-files=no").splitlines()]
    if changed:
        raise InputError(
            f"{repository} has uncommitted changes: {', '.join(changed[:5])}{' …' if len(changed) > 5 else ''}.",
            "Commit or stash them first.",
        )


def write_back(repository: Path, before: Mapping[str, str], after: Mapping[str, str], message: str) -> Published:
    """Writes what differs or is new, and commits it where there is git.

    Raises `OutputError` where a file is not as it was read.  A run that was killed in here finds some files written
    already, and writes the others.
    """
    changed = {path: text for path, text in after.items() if text != before.get(path)}
    for path, text in changed.items():
        now = _bytes(confine(repository, path))
        if now not in (before.get(path, "").encode(), text.encode()):
            raise OutputError(
                f"{path} has changed since it was read: nothing is written over that.",
                "Repair it anew: papercoder repair",
            )
    for path, text in changed.items():
        _replace(confine(repository, path), text)
    commit, problem = _committed(repository, sorted(changed), message) if changed else ("", "")
    warnings = [problem] if problem else []
    return Published(folder=str(repository), files=len(changed), commit=commit, warnings=warnings)


def _committed(repository: Path, paths: list[str], message: str) -> tuple[str, str]:
    if not _git(repository, "rev-parse", "--git-dir").strip():
        return "", "there is no git repository: the edits are in the working tree"
    try:
        _git(repository, "add", "--force", "--", *paths, check=True)  # a new file may be one that git shall ignore
        if _git(repository, "status", "--porcelain", "--", *paths).strip():
            _git(repository, "commit", "--quiet", "--file=-", "--", *paths, check=True, given=message)
        return _git(repository, "rev-parse", "HEAD").strip(), ""
    except subprocess.CalledProcessError as error:
        return "", f"git could not commit the edits, which are in the working tree: {error.stderr.strip()[:300]}"


def _replace(target: Path, text: str) -> None:
    """Whole or not at all, and still executable if it was."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.papercoder")
    partial.write_bytes(text.encode())
    if target.exists():
        shutil.copymode(target, partial)
    partial.replace(target)


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else b""


def _git(repository: Path, *arguments: str, check: bool = False, given: str = "") -> str:
    """Empty where there is no git, or it fails and need not succeed."""
    git = shutil.which("git")
    if git is None:
        return ""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    identity = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
                for what, value in (("NAME", "papercoder"), ("EMAIL", "papercoder@localhost"))}  # fmt: skip
    done = subprocess.run(
        [git, *GIT, "-C", str(repository), *arguments], input=given, capture_output=True, encoding="utf-8",
        errors="replace", timeout=GIT_SECONDS, check=check,
        env={**environment, **identity, "GIT_LITERAL_PATHSPECS": "1", "GIT_OPTIONAL_LOCKS": "0"},
    )  # fmt: skip
    return done.stdout if not done.returncode else ""
