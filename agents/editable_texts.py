"""A repository as the texts that a repair may change, and back into the artifacts that they came from."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import yaml
from pydantic import ValidationError

from agents.context import Material
from agents.editing import Code
from state.configuration import PRESETS, Configuration, ConfigValue
from state.rendering import config_yaml
from state.review import in_short

REQUIREMENTS, CONFIG = "requirements.txt", "config.yaml"
NOTE = "changed while the repository was made to run"
_FLOAT = re.compile(r"[-+]?\d+(\.\d+)?[eE][-+]?\d+")


def texts_of(material: Material, code: Mapping[str, str]) -> Code:
    """The code, the tests that were written from the paper, the packages, and the settings."""
    assert material.logic and material.configuration
    packages = "".join(f"{package}\n" for package in material.logic.packages)
    return {**code, **material.tests, REQUIREMENTS: packages, CONFIG: config_yaml(material.configuration)}


def taken_in(material: Material, texts: Mapping[str, str]) -> tuple[Material, Code]:
    """What the texts make of the material, and the code among them.  Raises ValueError where they cannot be read."""
    assert material.logic and material.configuration
    lines = (line.partition("#")[0].strip() for line in texts[REQUIREMENTS].splitlines())
    packages = [line for line in lines if line]
    tests = {path: texts[path] for path in material.tests}
    own = {*material.tests, REQUIREMENTS, CONFIG}
    code = {path: text for path, text in texts.items() if path not in own}
    changed = replace(
        material,
        tests=tests,
        logic=material.logic
        if packages == material.logic.packages
        else material.logic.model_copy(update={"packages": packages}),
        configuration=read_settings(texts[CONFIG], material.configuration),
    )
    return changed, code


def read_settings(text: str, before: Configuration) -> Configuration:
    """The settings that config.yaml states now; what it says as before keeps its source.  Raises ValueError."""
    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{CONFIG} is no YAML any more: {error}") from error
    if not isinstance(tree, dict):
        raise ValueError(f"{CONFIG} holds no map of settings any more")
    known = {value.key: value for value in before.values}
    groups = tree.pop(PRESETS, None) or {}
    if not isinstance(groups, dict) or not all(isinstance(group or {}, dict) for group in groups.values()):
        raise ValueError(f"{CONFIG} holds no map of presets any more")
    presets = {name: dict(_leaves(group or {}, known)) for name, group in groups.items()}
    place = {key: number for number, key in enumerate(known)}
    leaves = sorted(_leaves(tree, known), key=lambda leaf: place.get(leaf[0], len(place)))  # others stay behind them
    values = [_valued(known.get(key), key, value) for key, value in leaves]
    try:
        after = Configuration.model_validate({**before.model_dump(), "values": values, PRESETS: presets})
    except ValidationError as error:
        raise ValueError(f"{CONFIG} cannot be used any more: {in_short(error)}") from error
    return before if _content(after) == _content(before) else after


def _content(settings: Configuration) -> dict[str, Any]:
    """Whatever order they stand in."""
    presets = {name: sorted(v.model_dump_json() for v in values) for name, values in settings.presets.by_name.items()}
    values = sorted(value.model_dump_json() for value in settings.values)
    return {**settings.model_dump(), "values": values, PRESETS: presets}


def _leaves(tree: Mapping[Any, Any], known: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys with their values; a value may be a map of its own where it was one before."""
    for name, value in tree.items():
        key = f"{above}{name}"
        if isinstance(value, dict) and value and key not in known:
            yield from _leaves(value, known, f"{key}.")
        else:
            yield key, float(value) if isinstance(value, str) and _FLOAT.fullmatch(value) else value


def _valued(before: ConfigValue | None, key: str, value: Any) -> ConfigValue:
    if before is None:
        return ConfigValue.model_validate({"key": key, "value": value, "source": [], "note": NOTE})
    if before.value == value:
        return before
    note = f"{before.note}; {NOTE}" if before.note else NOTE
    return before.model_copy(update={"value": value, "note": note})
