"""A published repository read back: its files, and the design that is kept beside them."""

import re
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from papercoder.checks import Design
from papercoder.publication.base import read_base
from state.architecture import Architecture
from state.configuration import Configuration
from state.errors import InputError
from state.logic import LogicDesign
from state.plan import Plan
from state.requirements import Specification

M = TypeVar("M", bound=BaseModel)

_ANCHOR = re.compile(r"^\[([\w.-]+)\]|^#+ .*\[([\w.-]+)\]$", re.MULTILINE)


def read_published(folder: Path) -> tuple[dict[str, str], Design]:
    """Files and design; what of the design is missing is None, what is there and cannot be read is an `InputError`."""
    design = Design(
        architecture=_artifact(Architecture, folder, "architecture"),
        logic=_artifact(LogicDesign, folder, "logic"),
        configuration=_artifact(Configuration, folder, "configuration"),
        plan=_artifact(Plan, folder, "plan"),
        anchors=_anchors(folder),
        specification=_artifact(Specification, folder, "specification"),
    )
    return read_base(folder), design


def _artifact(model: type[M], folder: Path, name: str) -> M | None:
    file = folder / ".papercoder" / f"{name}.json"
    if not file.is_file():
        return None
    try:
        return model.model_validate_json(file.read_bytes())
    except ValidationError as error:
        text = f"{file} is not a {name} as papercoder writes it: {error.errors()[0]['msg']}."
        raise InputError(text, "Restore it from the repository's history.") from error


def _anchors(folder: Path) -> frozenset[str]:
    """The ids of the passages, off the paper as the repository keeps it."""
    file = folder / ".papercoder" / "paper.md"
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    return frozenset(block or heading for block, heading in _ANCHOR.findall(text))
