"""The configuration: every setting with its source, what smaller runs change, and what the full run takes."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue, field_validator

from state.artifacts import UNKNOWN, Artifact, Known, OpenChoices, RequirementIds, Sources, refuse_duplicates

PRESETS = "presets"
"""The group of config.yaml that says what smaller runs change."""


class ConfigValue(Artifact):
    key: str = Field(description="dotted, e.g. training.learning_rate")
    value: JsonValue = Field(description="a number, string, boolean, null, or a list or map of them")
    source: Sources
    requirements: RequirementIds = Field(default_factory=list)
    note: str = Field("", description="unit or meaning; where the paper is silent, why this value")


class PresetValue(Artifact):
    key: str = Field(description="a key of values")
    value: JsonValue = Field(description="what stands there instead, of the same type")


class Presets(Artifact):
    """What smaller runs change; all else is as in the full run."""

    smoke: list[PresetValue] = Field(default_factory=list, description="a minute on a CPU")
    small: list[PresetValue] = Field(default_factory=list, description="an hour on one GPU or a CPU")

    @field_validator("smoke", "small", mode="before")
    @classmethod
    def _a_map_is_a_list_of_values(cls, value: object) -> object:
        if isinstance(value, dict):
            return [{"key": key, "value": item} for key, item in value.items()]
        return [] if value in (None, "") else value

    @field_validator("smoke", "small")
    @classmethod
    def _keys_form_a_tree(cls, values: list[PresetValue]) -> list[PresetValue]:
        _refuse_keys("presets", [value.key for value in values])
        return values

    @property
    def by_name(self) -> dict[str, list[PresetValue]]:
        return {"smoke": self.smoke, "small": self.small, "full": []}


def _as_number(value: object) -> object:
    """`~40`, `2-3 h` and `unknown` as models write them: the first number, or none."""
    if not isinstance(value, str):
        return value
    found = re.search(r"\d+(?:\.\d+)?", value.replace(",", ""))
    return float(found[0]) if found else None


Estimate = Annotated[float | None, BeforeValidator(_as_number)]


class FullRun(Artifact):
    """What the whole of it takes, all seeds and experiments together."""

    hardware: Known = Field(UNKNOWN, description="the least that does, e.g. one GPU with 24 GB, or 4 CPU cores")
    gpu_hours: Estimate = Field(None, description="0 where no GPU is needed, null where nothing can be said")
    gpu_memory_gb: Estimate = Field(None, description="of each GPU; 0 and null as above")
    wall_hours: Estimate = None
    basis: str = Field("", description="how you came to these: runs × steps × time of a step, or what the paper says")
    source: Sources = Field(default_factory=list)


class Configuration(Artifact):
    """`config.yaml`, value by value, each with where it comes from (Paper2Code, section 3.1)."""

    values: list[ConfigValue] = Field(min_length=1, description="every setting of the method and the experiments")
    presets: Presets = Field(default_factory=Presets, description="the settings that smaller runs replace")
    full_run: FullRun = Field(default_factory=FullRun, description="an estimate for the settings as they are in values")
    open_choices: OpenChoices

    @field_validator("presets", "full_run", mode="before")
    @classmethod
    def _nothing_is_the_default(cls, value: object) -> object:
        return {} if value in (None, "", []) else value

    @field_validator("values")
    @classmethod
    def _keys_form_a_tree(cls, values: list[ConfigValue]) -> list[ConfigValue]:
        _refuse_keys("values", keys := [value.key for value in values])
        if taken := [key for key in keys if key.split(".")[0] == PRESETS]:
            raise ValueError(f"{taken[0]!r} stands among values: what presets replace goes into the field {PRESETS}")
        return values


def _refuse_keys(field: str, keys: list[str]) -> None:
    """Refuses what is no dotted name, and a key below another one."""
    refuse_duplicates(field, keys)
    for key in keys:
        parts = key.split(".")
        if not all(re.fullmatch(r"[A-Za-z_][\w-]*", part) for part in parts):
            raise ValueError(f"the key {key!r} is not a dotted name such as training.learning_rate")
        if any(".".join(parts[:n]) in keys for n in range(1, len(parts))):
            raise ValueError(f"the key {key!r} lies below another key that has a value of its own")
