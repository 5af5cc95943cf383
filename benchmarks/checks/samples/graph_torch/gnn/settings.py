"""config.yaml as dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml


@dataclass
class DataSettings:
    name: str
    root: str


@dataclass
class ModelSettings:
    hidden: int
    dropout: float


@dataclass
class OptimSettings:
    lr: float
    epochs: int
    seeds: list[int] = field(default_factory=list)


@dataclass
class Settings:
    data: DataSettings
    model: ModelSettings
    optim: OptimSettings

    @classmethod
    def load(cls, path: str, preset: str) -> Settings:
        with open(path) as file:
            tree = yaml.safe_load(file)
        changes = tree["presets"][preset]
        data, model, optim = ({**tree[name], **changes.get(name, {})} for name in ("data", "model", "optim"))
        return cls(DataSettings(**data), ModelSettings(**model), OptimSettings(**optim))
