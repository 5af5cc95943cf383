"""The repository that comes out: its files, written atomically, with a history that tells how it came about."""

from collections.abc import Mapping
from pathlib import Path

from agents.context import Material
from papercoder.publication.audit import Audit
from papercoder.publication.files import Commit, commits, revision_message, runnable
from papercoder.publication.growing import adopt, check_unchanged, grow, has_history
from papercoder.publication.history import commit_all, head
from papercoder.publication.writing import check_output, is_there, replace_folder
from state.errors import OutputError
from state.published import Published

__all__ = ["Audit", "check_output", "check_revisable", "publish", "runnable"]

NOTHING_REVIEWED = Audit()


def publish(
    material: Material, code: Mapping[str, str], output: Path, run: str, audit: Audit = NOTHING_REVIEWED,
    since: Published | None = None,
) -> Published:  # fmt: skip
    """Write the repository to `output`.  Raises `OutputError` if the folder is taken or cannot be written.

    `since` is what was published before the newest revision: its history goes on.
    """
    steps = commits(material, code, run, audit)
    files = {path: text for step in steps for path, text in step.files.items()}
    overwrite = material.context.overwrite
    if since and is_there(output) and (not overwrite or _is_unchanged(output, since, files)):
        commit = grow(output, since, files, revision_message(audit))
        return Published(folder=str(output), files=len(files), commit=commit)
    with replace_folder(output, files, run=run, overwrite=overwrite) as folder:
        commit, problem = _history(folder, steps, files, audit, since) if folder else (head(output), "")
    return Published(folder=str(output), files=len(files), commit=commit, warnings=[problem] if problem else [])


def check_revisable(output: Path, since: Published, *, overwrite: bool) -> None:
    """Refuses, before a revision is paid for, an output folder that it could not be written to."""
    if is_there(output) and not overwrite:
        if output.absolute() != Path(since.folder).absolute():
            check_output(output, overwrite=overwrite)
        check_unchanged(output, since)


def _history(
    folder: Path, steps: list[Commit], files: Mapping[str, str], audit: Audit, since: Published | None
) -> tuple[str, str]:
    """In a new folder: what was published elsewhere and a commit more, or one commit for each step."""
    if since and has_history(since):
        return adopt(folder, since, files, revision_message(audit)), ""
    return commit_all(folder, steps)


def _is_unchanged(output: Path, since: Published, files: Mapping[str, str]) -> bool:
    try:
        check_unchanged(output, since, files)
    except OutputError:
        return False
    return True
