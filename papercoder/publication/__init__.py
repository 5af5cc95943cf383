"""The repository that comes out: its files, written atomically, with a history that tells how it came about."""

from collections.abc import Mapping
from pathlib import Path

from agents.context import Material
from papercoder.publication.audit import Audit
from papercoder.publication.files import commits
from papercoder.publication.history import commit_all, head
from papercoder.publication.writing import check_output, replace_folder
from state.artifacts import Published

__all__ = ["Audit", "check_output", "publish"]

NOTHING_REVIEWED = Audit()


def publish(
    material: Material, code: Mapping[str, str], output: Path, run: str, audit: Audit = NOTHING_REVIEWED
) -> Published:
    """Write the repository to `output`.  Raises `OutputError` if the folder is taken or cannot be written."""
    steps = commits(material, code, run, audit)
    files = {path: text for step in steps for path, text in step.files.items()}
    with replace_folder(output, files, run=run, overwrite=material.context.overwrite) as folder:
        commit, problem = commit_all(folder, steps) if folder else (head(output), "")
    warnings = [problem] if problem else []
    return Published(folder=str(output), files=len(files), commit=commit, warnings=warnings)
