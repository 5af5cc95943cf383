"""How large the runs are: presets that replace settings which exist, an estimate for the full run, seeds, options."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from papercoder.checks.design import Design
from papercoder.checks.module import Module
from papercoder.checks.rules import finding
from papercoder.checks.tree import config_tree
from state.artifacts import UNKNOWN
from state.configuration import PRESETS, Configuration, FullRun
from state.rendering import duration
from state.review import Finding

CONFIG = "config.yaml"
LONGEST = {"smoke": 1 / 60, "small": 1.0}
"""Hours that each smaller run may take: a full run that takes no longer needs none beside it."""
OPTIONS = ("--config", "--output", "--preset", "--smoke")


def scales(configuration: Configuration) -> Iterator[Finding]:
    """What is wrong with presets, estimate and seeds of a configuration."""
    tree = config_tree(configuration)
    presets = tree.pop(PRESETS)
    for name in LONGEST:
        yield from _replaced(f"{PRESETS}.{name}", presets[name], tree)
        if not presets[name]:
            yield from _missed(name, configuration.full_run)
    if _says_nothing(configuration.full_run):
        yield finding("missing-estimate", CONFIG, "Nothing says what the full run takes.", location="full_run")
    if not any("seed" in value.key.lower() for value in configuration.values):
        yield finding("unseeded-design", CONFIG, "No setting holds a seed.", location="seeds")


def _missed(name: str, full: FullRun) -> Iterator[Finding]:
    """A smoke run is needed unless the full one is known to be short, a small run where it is known to be long."""
    if full.wall_hours is None and name == "smoke":
        text = "The smoke preset replaces nothing."
    elif full.wall_hours is not None and full.wall_hours > LONGEST[name]:
        text = f"The full run takes {duration(full.wall_hours)}, and the {name} preset replaces nothing."
    else:
        return
    yield finding("missing-preset", CONFIG, text, location=f"{PRESETS}.{name}")


def _says_nothing(run: FullRun) -> bool:
    return run.wall_hours is None and run.gpu_hours is None and run.hardware == UNKNOWN


def _replaced(place: str, preset: Mapping[str, Any], tree: Mapping[str, Any]) -> Iterator[Finding]:
    """Each value of the preset beside the one that it replaces."""
    for key, value in preset.items():
        where = f"{place}.{key}"
        if key not in tree:
            text = f"{where} replaces nothing: no setting has this key."
            yield finding("unknown-preset-key", CONFIG, text, location=where)
        elif isinstance(value, Mapping) and isinstance(tree[key], Mapping):
            yield from _replaced(where, value, tree[key])
        elif not _agree(tree[key], value):
            text = f"{where} is {value!r}, and replaces {tree[key]!r}."
            yield finding("preset-type", CONFIG, text, location=where)


def _agree(full: Any, small: Any) -> bool:
    """Whether code that works with the one works with the other; null may stand for anything."""
    if full is None or small is None:
        return True
    if isinstance(full, bool) or isinstance(small, bool):
        return type(full) is type(small)
    if isinstance(full, int):
        return isinstance(small, int) or (isinstance(small, float) and small.is_integer())
    if isinstance(full, float):
        return isinstance(small, int | float)
    return type(full) is type(small)


def missing_options(modules: Iterable[Module], design: Design) -> Iterator[Finding]:
    """Options of the entry point that no file so much as names; older designs without presets owe none."""
    presets = design.configuration.presets if design.configuration else None
    if not design.architecture or not presets or not (presets.smoke or presets.small):
        return
    constants = (node.value for module in modules for node in module.nodes if isinstance(node, ast.Constant))
    texts = {value for value in constants if isinstance(value, str)}
    entry = design.architecture.entry_point
    for option in OPTIONS:
        if not any(option in text for text in texts):
            yield finding("missing-option", entry, f"{entry} takes no {option}.", location=option)
