"""Smaller runs replace settings that there are, and somebody has thought about what the full run takes."""

from typing import Any

import pytest

from papercoder.checks import Design, check_repository, check_stage
from state.configuration import Configuration

VALUES = {
    "training.steps": 900,
    "training.rate": 0.1,
    "training.amp": False,
    "data.sizes": {"train": 100, "test": 20},
    "data.name": "digits",
    "evaluation.seeds": [0, 1],
    "evaluation.limit": None,
}
COMPLETE = {"smoke": {"training.steps": 1}, "full_run": {"hardware": "one CPU core", "wall_hours": 0.5}}


def configuration(smoke: Any = None, small: Any = None, full_run: Any = None, **more: Any) -> Configuration:
    values = [{"key": key, "value": value, "source": ["T1"]} for key, value in {**VALUES, **more}.items()]
    presets = {"smoke": smoke, "small": small}
    return Configuration.model_validate(
        {"values": values, "presets": presets, "full_run": full_run, "open_choices": []}
    )


def found(made: Configuration) -> list[tuple[str, str]]:
    return [(f.rule, f.location) for f in check_stage("configuration", Design(configuration=made))]


def test_a_complete_configuration_passes() -> None:
    assert found(configuration(**COMPLETE)) == []


def test_a_weak_model_may_leave_everything_out_and_hears_of_it() -> None:
    made = Configuration.model_validate(
        {"values": [{"key": "a", "value": 1, "source": ["T1"]}], "presets": None, "full_run": "", "open_choices": []}
    )
    assert {rule for rule, _ in found(made)} == {"missing-preset", "missing-estimate", "unseeded-design"}


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("training.steps", 2, None),
        ("training.steps", 2.0, None),
        ("training.steps", 2.5, "preset-type"),
        ("training.steps", "2", "preset-type"),
        ("training.steps", None, None),
        ("training.rate", 1, None),
        ("training.amp", 0, "preset-type"),
        ("evaluation.seeds", [0], None),
        ("evaluation.seeds", 0, "preset-type"),
        ("evaluation.limit", 3, None),
        ("data.sizes", {"train": 3}, None),
        ("data.sizes.test", 3, None),
        ("data.sizes.valid", 3, "unknown-preset-key"),
        ("data.sizes", 3, "preset-type"),
        ("training.step", 3, "unknown-preset-key"),
        ("training", {"steps": 1, "epochs": 2}, "unknown-preset-key"),
    ],
)
def test_a_preset_replaces_settings_that_there_are_by_values_of_their_type(key: str, value: Any, rule: str) -> None:
    rules = {name for name, _ in found(configuration(**{**COMPLETE, "small": {key: value}}))}
    assert rules == ({rule} if rule else set())


def test_a_long_full_run_needs_a_small_one_beside_it() -> None:
    long = {"hardware": "8 GPUs", "wall_hours": 12}
    assert found(configuration(**{**COMPLETE, "full_run": long})) == [("missing-preset", "presets.small")]
    assert found(configuration(**COMPLETE | {"full_run": long, "small": {"training.steps": 9}})) == []


def test_a_full_run_of_seconds_needs_no_smoke_run() -> None:
    short = {**COMPLETE, "full_run": {"hardware": "one CPU core", "wall_hours": 0.01}}
    assert found(configuration(**short | {"smoke": {}})) == []
    minutes = {**COMPLETE, "full_run": {"hardware": "one CPU core", "wall_hours": 0.1}, "smoke": {}}
    assert found(configuration(**minutes)) == [("missing-preset", "presets.smoke")]


def test_a_design_without_presets_owes_no_options(files: dict[str, str], design: Design) -> None:
    main = files["main.py"].replace("--preset", "")
    assert [f.location for f in check_repository({**files, "main.py": main}, design)] == ["--preset"]
