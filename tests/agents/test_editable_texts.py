"""What a repair may change goes back to where it came from: packages, settings, presets, tests and code."""

from dataclasses import replace

import pytest

from agents.context import Material
from agents.editable_texts import CONFIG, NOTE, REQUIREMENTS, read_settings, requirements_of, taken_in, texts_of
from state.configuration import Configuration
from state.rendering import config_yaml

SETTINGS = Configuration.model_validate(
    {
        "values": [
            {"key": "training.rate", "value": 1e-5, "source": ["E1"], "note": "of Adam"},
            {"key": "data.sizes", "value": {"train": 100, "test": 10}, "source": []},
            {"key": "training.seeds", "value": [0, 1], "source": ["S2.p1"]},
        ],
        "presets": {"smoke": [{"key": "training.seeds", "value": [0]}]},
        "open_choices": [],
    }
)


def test_what_was_not_changed_comes_back_as_it_was(material: Material, code: dict[str, str]) -> None:
    material = replace(material, tests={"tests/test_model.py": "# tests\n"}, configuration=SETTINGS)
    after, files = taken_in(material, texts_of(material, code))
    assert after == material
    assert after.configuration is SETTINGS
    assert files == code


def test_packages_and_tests_are_taken_in(material: Material, code: dict[str, str]) -> None:
    material = replace(material, tests={"tests/test_model.py": "# tests\n"})
    texts = texts_of(material, code) | {REQUIREMENTS: "# all\nnumpy>=1.26  # arrays\n\nscipy\n",
                                        "tests/test_model.py": "# mended\n"}  # fmt: skip
    after, files = taken_in(material, texts)
    assert after.logic
    assert after.logic.packages == ["numpy>=1.26", "scipy"]
    assert after.tests == {"tests/test_model.py": "# mended\n"}
    assert files == code


def test_a_changed_setting_keeps_its_source_and_says_that_it_was_changed() -> None:
    text = config_yaml(SETTINGS).replace("1.0e-05", "1e-4").replace("train: 100", "train: 50")
    after = read_settings(text + "\nextra:\n  new: yes please\n", SETTINGS)
    values = {value.key: value for value in after.values}
    assert (values["training.rate"].value, values["training.rate"].source) == (1e-4, ["E1"])
    assert values["training.rate"].note == f"of Adam; {NOTE}"
    assert values["data.sizes"].value == {"train": 50, "test": 10}
    assert (values["extra.new"].value, values["extra.new"].note) == ("yes please", NOTE)
    assert after.presets == SETTINGS.presets


def test_a_preset_is_taken_in() -> None:
    text = config_yaml(SETTINGS).replace("  small: {}", "  small:\n    data:\n      sizes: {train: 5, test: 5}")
    after = read_settings(text, SETTINGS)
    assert [(value.key, value.value) for value in after.presets.small] == [("data.sizes", {"train": 5, "test": 5})]
    assert after.values == SETTINGS.values


@pytest.mark.parametrize("text", ["- a list\n", "a: [1\n", "", "presets: 3\n"])
def test_what_is_no_configuration_any_more_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=CONFIG):
        read_settings(text, SETTINGS)


def test_a_file_that_a_repair_has_added_belongs_to_the_design(material: Material, code: dict[str, str]) -> None:
    texts = texts_of(material, code)
    after, files = taken_in(material, texts | {"data/tiny.csv": "1\n"})
    assert after.architecture and after.logic and material.architecture
    assert after.architecture.paths == [*material.architecture.paths, "data/tiny.csv"]
    assert "data/tiny.csv" in after.logic.dependencies()
    assert files == code | {"data/tiny.csv": "1\n"}
    assert taken_in(material, texts)[0] == material


# --- a base repository's packages

BASE = "# theirs\n-r more.txt\nnumpy>=1.20\nno_such.package==3  # ours only\n"


@pytest.fixture
def on_a_base(material: Material) -> Material:
    assert material.logic
    logic = material.logic.model_copy(update={"packages": ["numpy>=1.26", "scipy"]})
    return replace(material, base={REQUIREMENTS: BASE}, logic=logic)


def test_its_lines_come_first_and_what_they_name_is_not_named_twice(on_a_base: Material) -> None:
    assert requirements_of(on_a_base) == f"{BASE}scipy\n"
    assert taken_in(on_a_base, texts_of(on_a_base, {}))[0] == on_a_base


def test_a_package_of_it_that_cannot_be_had_is_taken_out_and_replaced(on_a_base: Material) -> None:
    kept = BASE.replace("no_such.package==3  # ours only\n", "")
    texts = texts_of(on_a_base, {}) | {REQUIREMENTS: f"{kept}pandas>=2  # instead\nscipy\n"}
    after, _ = taken_in(on_a_base, texts)
    assert after.base_packages == kept
    assert after.base == on_a_base.base, "the history begins with the repository as it was"
    assert after.logic
    assert after.logic.packages == ["numpy>=1.26", "pandas>=2", "scipy"]
    assert requirements_of(after) == f"{kept}pandas>=2\nscipy\n"
    assert taken_in(after, texts_of(after, {}))[0] == after


def test_one_that_both_name_goes_from_both(on_a_base: Material) -> None:
    texts = texts_of(on_a_base, {})
    after, _ = taken_in(on_a_base, texts | {REQUIREMENTS: texts[REQUIREMENTS].replace("numpy>=1.20\n", "")})
    assert "numpy" not in requirements_of(after)
