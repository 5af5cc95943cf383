"""A repository as the texts that a repair may change, and back into the artifacts that they came from."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import yaml
from pydantic import ValidationError

from agents.context import Material
from agents.editing import Code
from state.architecture import FileContract
from state.configuration import PRESETS, Configuration, ConfigValue
from state.logic import Task
from state.rendering import config_yaml
from state.review import in_short

REQUIREMENTS, CONFIG = "requirements.txt", "config.yaml"
NOTE = "changed while the repository was made to run"
ADDED = "added while the repository was made to run"
_FLOAT = re.compile(r"[-+]?\d+(\.\d+)?[eE][-+]?\d+")


def requirements_of(material: Material) -> str:
    """requirements.txt: the lines of the base repository, then the packages that they do not name."""
    assert material.logic
    lines = _base_lines(material)
    named = {_package(line) for line in lines}
    packages = [package for package in material.logic.packages if _package(package) not in named]
    return "".join(f"{line}\n" for line in (*lines, *packages))


def texts_of(material: Material, code: Mapping[str, str]) -> Code:
    """The code, the tests that were written from the paper, the packages, and the settings."""
    assert material.logic and material.configuration
    settings = config_yaml(material.configuration)
    return {**code, **material.tests, REQUIREMENTS: requirements_of(material), CONFIG: settings}


def taken_in(material: Material, texts: Mapping[str, str]) -> tuple[Material, Code]:
    """What the texts make of the material, and the code among them.  Raises ValueError where they cannot be read."""
    assert material.configuration
    own = {*material.tests, REQUIREMENTS, CONFIG}
    code = {path: text for path, text in texts.items() if path not in own}
    changed = replace(
        _with_packages(with_added(material, code), texts[REQUIREMENTS]),
        tests={path: texts[path] for path in material.tests},
        configuration=read_settings(texts[CONFIG], material.configuration),
    )
    return changed, code


def with_added(material: Material, code: Code) -> Material:
    """A file that a repair has added belongs to the design from then on: nothing else is published."""
    assert material.architecture and material.logic
    added = [path for path in code if path not in material.logic.dependencies()]
    if not added:
        return material
    files = [*material.architecture.files, *(FileContract(path=path, purpose=ADDED) for path in added)]
    tasks = [*material.logic.tasks, *(Task(path=path, logic=ADDED) for path in added)]
    return replace(
        material,
        architecture=material.architecture.model_copy(update={"files": files}),
        logic=material.logic.model_copy(update={"tasks": tasks}),
    )


def _with_packages(material: Material, text: str) -> Material:
    """Lines that name what the base repository does stay its lines; what else is required is the design's."""
    assert material.logic
    if text == requirements_of(material):
        return material
    lines, base = text.splitlines(), _base_lines(material)
    theirs = {"", *map(_package, base)} if base else set()
    named = {_package(line) for line in lines} & theirs
    packages = [package for package in material.logic.packages if _package(package) in named]
    packages += [plain for line in lines if _package(line) not in theirs and (plain := line.partition("#")[0].strip())]
    changed = material
    if packages != material.logic.packages:
        changed = replace(material, logic=material.logic.model_copy(update={"packages": packages}))
    if base:
        kept = "".join(f"{line}\n" for line in lines if _package(line) in theirs)
        changed = replace(changed, base_packages=kept)
    return changed


def _base_lines(material: Material) -> list[str]:
    own = material.base_packages
    return (material.base.get(REQUIREMENTS, "") if own is None else own).splitlines()


def _package(line: str) -> str:
    """The package that a line names; empty where it is a comment or an option."""
    match = re.match(r"\s*([A-Za-z0-9][\w.-]*)", line)
    return re.sub(r"[-_.]+", "-", match[1]).lower() if match else ""


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
