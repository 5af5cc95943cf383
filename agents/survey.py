"""What the specifier answers, and how it is read: an item that cannot be used costs that item, not the whole answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field, JsonValue, ValidationError

from papercoder.models.answers import AnswerError, Parser, json_answer
from state.artifacts import Artifact, RequirementIds
from state.requirements import KINDS, ContradictionDraft, RequirementDraft
from state.review import in_short

M = TypeVar("M", bound=BaseModel)


class Survey(Artifact):
    """The form of an answer about one part of the paper."""

    requirements: list[RequirementDraft] = Field(description="in the order of the passages; empty if there is none")


class Addition(RequirementDraft):
    """A requirement that nobody wrote, or wrote wrongly."""

    instead_of: RequirementIds = Field(
        default_factory=list, description="ids of listed requirements that this one replaces; usually none"
    )


class Consolidation(Artifact):
    """The form of the answer about all parts together."""

    same: list[list[str]] = Field(description='groups of ids that say the same thing, e.g. ["R4", "R31"]')
    missing: list[Addition] = Field(description="requirements that the list lacks, or has wrong")
    contradictions: list[ContradictionDraft] = Field(description="where the paper contradicts itself")


class Amendment(Consolidation):
    """The form where a person has asked for changes."""

    dropped: list[str] = Field(default_factory=list, description="ids of items that go without replacement")


@dataclass(frozen=True)
class Surveyed:
    """Drafts that can be used, and why others cannot."""

    drafts: tuple[RequirementDraft, ...]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Consolidated:
    same: tuple[tuple[str, ...], ...]
    missing: tuple[Addition, ...]
    contradictions: tuple[ContradictionDraft, ...]
    dropped: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


class _Survey(Artifact):
    requirements: list[JsonValue]


class _Consolidation(Artifact):
    same: JsonValue = None
    missing: list[JsonValue] | None = None
    contradictions: list[JsonValue] | None = None
    dropped: RequirementIds


def survey_answer() -> Parser[Surveyed]:
    read = json_answer(_Survey)

    def parse(text: str) -> Surveyed:
        items = _Usable(RequirementDraft).of("requirements", read(text).requirements)
        return Surveyed(items.kept, items.refused)

    return parse


def consolidation_answer() -> Parser[Consolidated]:
    read = json_answer(_Consolidation, _names_something)

    def parse(text: str) -> Consolidated:
        answer = read(text)
        missing = _Usable(Addition).of("missing", answer.missing or [])
        found = _Usable(ContradictionDraft).of("contradictions", answer.contradictions or [])
        refused = missing.refused + found.refused
        return Consolidated(_groups(answer.same), missing.kept, found.kept, tuple(answer.dropped), refused)

    return parse


def _names_something(answer: _Consolidation) -> None:
    if not any(isinstance(found, list) for found in (answer.same, answer.missing, answer.contradictions)):
        raise ValueError("the object has none of the lists same, missing and contradictions")


@dataclass(frozen=True)
class _Usable(Generic[M]):
    """The items of a list that have the form, and one sentence for each that has not."""

    form: type[M]
    kept: tuple[M, ...] = ()
    refused: tuple[str, ...] = ()

    def of(self, name: str, items: list[JsonValue]) -> "_Usable[M]":
        kept, refused = [], []
        for number, item in enumerate(items):
            try:
                kept.append(self.form.model_validate(_mended(item)))
            except ValidationError as error:
                refused.append(f"{name}.{number}: {in_short(error)}")
        if refused and not kept:
            raise AnswerError("The JSON does not have the form that was asked for:\n" + "\n".join(refused[:8]))
        return _Usable(self.form, tuple(kept), tuple(refused))


_KINDS: Mapping[str, str] = {
    **{kind: kind for kind in KINDS},
    "algorithm": "method", "loss": "equation", "formula": "equation", "model": "architecture", "dataset": "data",
    "preprocessing": "data", "optimization": "training", "setting": "hyperparameter", "metric": "evaluation",
    "experiment": "evaluation", "ablation": "evaluation", "expected result": "result",
}  # fmt: skip
_SILENT = {"not specified", "unstated", "not stated", "missing", "silent", "none"}
_HALF = {"partially", "partially specified", "underspecified", "implicit"}


def _mended(item: JsonValue) -> Any:
    """An item with kind, status and quote as models write them: `Metrics`, `not specified`, `[S3.p1] We train`."""
    if not isinstance(item, dict):
        return item
    words = {"kind": _kind, "status": _status, "quote": _without_id}
    return {**item, **{key: mend(value) for key, mend in words.items() if isinstance(value := item.get(key), str)}}


def _kind(word: str) -> str:
    word = word.strip().lower().replace("_", " ")
    return _KINDS.get(word) or _KINDS.get(word.removesuffix("s")) or word


def _status(word: str) -> str:
    word = word.strip().lower().replace("_", " ")
    return "unspecified" if word in _SILENT else "partial" if word in _HALF else word


def _without_id(quote: str) -> str:
    """Prompts show an id before each passage, and some quotes begin with it; a citation's number is no id."""
    return re.sub(r"^\s*\[(?:abstract[\w.]*|(?=[^\]]*[\d-])[A-Z][\w.'-]*)\]\s+", "", quote)


def _groups(value: JsonValue) -> tuple[tuple[str, ...], ...]:
    """Groups of ids, as models write them: lists, or strings with commas; whatever else is in them is no id."""
    groups = value if isinstance(value, list) else []
    if all(isinstance(item, str) and "," not in item for item in groups):
        groups = [groups]  # one group, not put into a list of its own
    return tuple(filter(None, (_ids(group) for group in groups)))


def _ids(group: JsonValue) -> tuple[str, ...]:
    if isinstance(group, dict):
        group = next((value for value in group.values() if isinstance(value, list)), [])
    items = group.split(",") if isinstance(group, str) else group if isinstance(group, list) else []
    return tuple(dict.fromkeys(item.strip(" []") for item in items if isinstance(item, str)))
