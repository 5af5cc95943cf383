"""Recorded answers: the journal kept as a folder that people can read, and a provider that answers from it.

A recording is looked up by stage, file, role, round, sample and attempt, and carries the digest of its prompt.  Where
the prompt has changed since, the recording has drifted: replay says so and stops, unless told to go on.

    planning.md                     coding/src/model.py.md
    planning.attempt-2.md           coding/src/model.py.round-1.md
    planning.critic.md              coding/src/model.py.critic.md
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from papercoder.models.requests import Request
from papercoder.storage.journal import CallKey, Completion
from state.errors import InputError, ProviderError
from state.ledger import Usage
from state.paths import confine

_MARK = "---\n"
OWN_ROLES = {
    "specification": "specifier", "planning": "planner", "architecture": "architect", "logic": "logic designer",
    "configuration": "configurator", "testing": "tester", "analysis": "analyst", "coding": "coder",
    "integration": "debugger", "execution": "debugger", "assessment": "assessor", "walkthrough": "guide",
}  # fmt: skip
"""Who answers in a stage as a rule."""


class Recordings:
    """A folder of recorded answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def existing(cls, folder: Path) -> "Recordings":
        if not folder.is_dir():
            raise InputError(
                f"There is no folder of recordings {folder}.", "Make one: papercoder run … --record FOLDER"
            )
        return cls(folder)

    def write(self, key: CallKey, completion: Completion) -> None:
        head = {
            "prompt": key.digest,
            "model": completion.model,
            "finish_reason": completion.finish_reason,
            "usage": completion.usage.model_dump(exclude_defaults=True),
        }
        target = confine(self.folder, _name(key))
        target.parent.mkdir(parents=True, exist_ok=True)
        whole = f"{_MARK}{yaml.safe_dump(head, sort_keys=False)}{_MARK}{completion.text}"
        target.write_text(whole, encoding="utf-8", newline="")

    def read(self, key: CallKey) -> tuple[str, Completion] | None:
        """The digest of the prompt that was answered, and the answer; None if nothing was recorded."""
        target = confine(self.folder, _name(key))
        if not target.is_file():
            return None
        try:
            return _parsed(target.read_bytes().decode("utf-8"))  # as bytes: line ends are part of the answer
        except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
            raise InputError(
                f"The recording {target} cannot be read ({type(error).__name__}: {error}).",
                "Remove it and record it again: papercoder run … --record FOLDER --only-drifted",
            ) from error

    def is_current(self, key: CallKey) -> bool:
        recorded = self.read(key)
        return recorded is not None and recorded[0] == key.digest


def _parsed(whole: str) -> tuple[str, Completion]:
    _, head, text = re.split(rf"^{_MARK}", whole, maxsplit=2, flags=re.MULTILINE)
    fields: dict[str, Any] = yaml.safe_load(head)
    usage = Usage.model_validate(fields.get("usage") or {})
    return fields["prompt"], Completion(text, fields["finish_reason"], usage, 0.0, fields["model"], 0.0)


def _name(key: CallKey) -> str:
    """A role is named where it is not the stage's own: a critic answers about the same file in the same round."""
    counters = (("round", key.round, 0), ("sample", key.sample, 0), ("attempt", key.attempt, 1))
    marks = [f".{what}-{number}" for what, number, usual in counters if number != usual]
    if key.role != OWN_ROLES.get(key.stage, key.role):
        marks.insert(0, f".{key.role}")
    return "/".join(filter(None, (key.stage, key.file))) + "".join(marks) + ".md"


class Replay:
    """Answers from a folder of recordings, without a model behind it."""

    def __init__(self, recordings: Recordings, *, allow_drift: bool = False) -> None:
        self.model = f"replay:{recordings.folder}"
        self._recordings = recordings
        self._allow_drift = allow_drift

    async def complete(self, request: Request) -> Completion:
        recorded = self._recordings.read(request.key)
        if recorded is None:
            raise ProviderError(
                f"Nothing is recorded for {_name(request.key)}.",
                f"Record it with a model: papercoder run … --record {self._recordings.folder} --only-drifted",
            )
        prompt, completion = recorded
        if request.on_first_token:
            request.on_first_token()
        if prompt == request.key.digest:
            return completion
        drift = f"The recording {_name(request.key)} has drifted: its prompt has changed since."
        if not self._allow_drift:
            raise ProviderError(
                drift,
                f"Renew it with a model: papercoder run … --record {self._recordings.folder} --only-drifted, "
                "or accept it as it is with --allow-drift.",
            )
        return replace(completion, note=drift)


@dataclass(frozen=True)
class Recorder:
    """Where answers are recorded; with `only_drifted`, recordings whose prompts are unchanged stand."""

    recordings: Recordings
    only_drifted: bool = False
