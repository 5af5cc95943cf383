"""A published repository becomes a revised one: its history grows by a commit, and what its user did in it is kept.

Only files that the revision changes are touched; environments, results and other files that are nobody's commit stay
where they are.  Where the user has changed what was published, nothing is written.
"""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from papercoder.publication.git import IDENTITY, git, installed
from papercoder.publication.writing import write_file
from state.errors import OutputError
from state.paths import confine
from state.published import Published

_REF = "refs/papercoder/revision"
_SHOWN = 3
_AT_FIRST = (
    "Take the changes back or move the folder away; or have the revision written elsewhere, with the history, so that "
    "`git pull DIR` merges it (--output DIR), or over your changes (--force)."
)
_AT_WORK = (
    "Nothing was written to it. Take the changes back or move the folder away, then: papercoder resume RUN; or have it "
    "written over your changes: papercoder resume RUN --force"
)


def check_unchanged(output: Path, since: Published, files: Mapping[str, str] | None = None) -> None:
    """Refuses an output folder that is not what was published.  `files` are what it is to become, where that is known:
    a revision that was killed may have written some of them.
    """
    if problem := _changed(output, since, files or {}):
        raise OutputError(f"{output} is not as it was published: {problem}", _AT_WORK if files else _AT_FIRST)


def grow(output: Path, since: Published, files: Mapping[str, str], message: str) -> str:
    """One commit more, whose files these are; its hash.  Where it is there already, nothing is done."""
    try:
        if _is_grown(output, since, files):
            return git(output, "rev-parse", "HEAD").strip()
        check_unchanged(output, since, files)
        commit = _commit(output, since.commit, files, message)
        _bring(output, files)
        return _take(output, commit)
    except (subprocess.SubprocessError, OSError) as error:
        detail = str(getattr(error, "stderr", "") or error).strip()[:300]
        raise OutputError(
            f"The revision cannot be committed in {output}: {detail}.", "Mend that, then: papercoder resume RUN"
        ) from error


def adopt(folder: Path, since: Published, files: Mapping[str, str], message: str) -> str:
    """The same in a new folder that holds the files already: the history of the published one, and a commit more."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "fetch", "--quiet", "--no-tags", str(Path(since.folder).absolute()), since.commit)
    return _take(folder, _commit(folder, since.commit, files, message))


def has_history(since: Published) -> bool:
    """Whether the commit that was published is still to be had."""
    folder = Path(since.folder)
    if not (since.commit and installed() and (folder / ".git").is_dir()):
        return False
    try:
        return git(folder, "cat-file", "-t", since.commit).strip() == "commit"
    except subprocess.SubprocessError:
        return False


def _changed(output: Path, since: Published, files: Mapping[str, str]) -> str:
    """What the user has done to it, in words; empty if nothing."""
    if not (since.commit and installed() and (output / ".git").is_dir()):
        return "it has no history, so nobody can tell whether somebody has changed it."
    try:
        head = git(output, "rev-parse", "HEAD").strip()
        status = git(output, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=no")
        known = set(git(output, "ls-files", "-z").split("\0"))
    except subprocess.SubprocessError as error:
        return f"git says: {str(getattr(error, 'stderr', '') or error).strip()[:300]}."
    if head != since.commit:
        return f"its newest commit is {head[:12]}, and {since.commit[:12]} was published."
    touched = [entry[3:] for entry in status.split("\0") if entry]
    changed = [path for path in touched if not _is_as(output, path, files)]
    blocked = [path for path in files if path not in known and not _is_free(output, path, files)]
    if changed:
        return f"{_listed(changed)} changed since."
    return f"{_listed(blocked)} in the way of what the revision adds." if blocked else ""


def _is_as(output: Path, path: str, files: Mapping[str, str]) -> bool:
    """It is what the revision makes of it; gone, where the revision has it no more."""
    target = output / path
    if path not in files:
        return bool(files) and not target.exists()
    return target.is_file() and not target.is_symlink() and target.read_bytes() == files[path].encode()


def _is_free(output: Path, path: str, files: Mapping[str, str]) -> bool:
    target = confine(output, path, private=True)
    return not target.exists() or _is_as(output, path, files)


def _is_grown(output: Path, since: Published, files: Mapping[str, str]) -> bool:
    if not (output / ".git").is_dir() or not installed():
        return False
    newest, *above = git(output, "rev-list", "--parents", "--max-count=1", "HEAD").split()
    known = {path for path in git(output, "ls-files", "-z").split("\0") if path}
    return (
        since.commit in (newest, *above[:1])
        and len(above) < 2
        and known == set(files)
        and all(_is_as(output, path, files) for path in files)
    )


def _listed(paths: list[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"{', '.join(sorted(paths)[:_SHOWN])}{more} {'is' if len(paths) == 1 else 'are'}"


def _commit(folder: Path, parent: str, files: Mapping[str, str], message: str) -> str:
    """A commit with exactly these files, made beside index and working tree."""
    who = " ".join((IDENTITY[0], f"<{IDENTITY[1]}>", str(int(time.time())), "+0000"))
    stream = [f"commit {_REF}\ncommitter {who}\n", _data(message), f"from {parent}\ndeleteall\n"]
    for path, text in sorted(files.items()):
        mode = "100755" if path.endswith(".sh") else "100644"
        stream += [f"M {mode} inline {path}\n", _data(text)]
    git(folder, "fast-import", "--quiet", "--force", "--date-format=raw", given="".join(stream))
    return git(folder, "rev-parse", _REF).strip()


def _bring(folder: Path, files: Mapping[str, str]) -> None:
    """The files as they shall be, each whole or not at all; a kill in between leaves the older or the newer of each."""
    for path in git(folder, "ls-files", "-z").split("\0"):
        if path and path not in files:
            _remove(folder, path)
    for path, text in files.items():
        if not _is_as(folder, path, files):
            _replace(confine(folder, path, private=True), text)


def _replace(target: Path, text: str) -> None:
    if target.is_dir() and not target.is_symlink() and not any(target.iterdir()):
        target.rmdir()  # a folder whose files the revision has taken away
    beside = target.with_name(f".{target.name}.partial")
    write_file(beside, text)
    beside.chmod(0o755 if target.suffix == ".sh" else 0o644)
    beside.replace(target)


def _remove(folder: Path, path: str) -> None:
    gone = confine(folder, path, private=True)
    gone.unlink(missing_ok=True)
    for parent in gone.parents:
        if parent == folder or (parent.is_dir() and any(parent.iterdir())):
            return
        if parent.is_dir():
            parent.rmdir()


def _take(folder: Path, commit: str) -> str:
    """The commit becomes the one that is checked out; the files are there already."""
    git(folder, "reset", "--mixed", "--quiet", commit)
    git(folder, "update-ref", "-d", _REF)
    return commit


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"
