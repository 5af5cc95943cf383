"""config.yaml says what the configuration says, and diagrams stay diagrams, whatever the names in them."""

import math
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from agents.context import Material
from state.architecture import Architecture, FileContract, Message, Relation, Symbol
from state.configuration import Configuration, ConfigValue, FullRun, Presets, PresetValue
from state.rendering import class_diagram, config_yaml, scale, sequence_diagram

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
AWKWARD = st.sampled_from(
    [
        "",
        " ",
        "yes",
        "null",
        "~",
        "1e5",
        "1e-05",
        "0x1F",
        "012",
        "1:30",
        "2024-01-01",
        "#",
        "a # b",
        "a: b",
        "- a",
        "'",
        '"',
        "\\n",
        "a\nb",
        "a\n\nb\n",
        "\n",
        "...",
        "---",
        "wait...",
        "%YAML",
        "@x",
        "`x`",
        "*x",
        "&x",
        "!x",
        "?",
        "\x85",
        "\u2028",
        "\t",
        "é☃𝛼",
        "=",
    ]
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS | AWKWARD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | AWKWARD, inner, max_size=3),
    max_leaves=8,
)
KEYS = st.from_regex(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*){0,2}", fullmatch=True)
HOSTILE_LABELS = [
    "x\n    evil --> y",
    "x; evil-->y",
    "x%%{init: {'securityLevel': 'loose'}}%%",
    "%%%%{init: {}}%%%%",
    "} class Evil {",
    "<script>alert(1)</script>",
    "#lt;img src=x onerror=alert(1)#gt;",
    "end",
    "```\n</details>",
    "\u2028click A href 'x'",
    "",
    " ",
    "a: b->>c: d",
]


def configured(values: dict[str, JsonValue], note: str = "", source: list[str] | None = None) -> Configuration:
    return Configuration(
        values=[ConfigValue(key=key, value=value, source=source or [], note=note) for key, value in values.items()],
        open_choices=[],
    )


def settings(written: str) -> dict[str, Any]:
    """What is read back, without the presets."""
    read: dict[str, Any] = yaml.safe_load(written)
    assert read.pop("presets") == {"smoke": {}, "small": {}, "full": {}}
    return read


@given(KEYS, VALUES, st.text(), st.text())
def test_config_yaml_holds_every_value_exactly(key: str, value: JsonValue, note: str, source: str) -> None:
    written = config_yaml(configured({key: value}, note, [source]))
    written.encode()
    read = yaml.safe_load(written)
    for part in key.split("."):
        read = read[part]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("value", [1e-05, 1e16, 1.5e-300, 0.1, -0.0, 3.0, 1e22, float("inf"), float("-inf")])
def test_a_float_is_read_back_as_a_float(value: float) -> None:
    read = settings(config_yaml(configured({"a": {"b": [value]}, "c": value})))
    assert read == {"a": {"b": [value]}, "c": value}
    assert isinstance(read["c"], float)


def test_not_a_number_is_read_back() -> None:
    assert math.isnan(yaml.safe_load(config_yaml(configured({"a": float("nan")})))["a"])


def test_keys_with_a_common_beginning_form_one_group() -> None:
    written = config_yaml(configured({"a.b": 1, "c": "x", "a.d.e": [1, 2]}))
    assert settings(written) == {"a": {"b": 1, "d": {"e": [1, 2]}}, "c": "x"}


def test_a_value_says_where_it_comes_from() -> None:
    made = Configuration(
        values=[
            ConfigValue(key="rate", value=0.1, source=["E4", "T9"], note="per\nstep"),
            ConfigValue(key="seed", value=0, source=[]),
        ],
        open_choices=[],
    )
    lines = config_yaml(made, {"E4": "Eq. 4"}).splitlines()[:2]
    assert lines == ["rate: 0.1  # Eq. 4, T9: per step", "seed: 0  # not in the paper"]


def test_presets_stand_below_the_settings_as_what_they_replace() -> None:
    made = Configuration.model_validate(
        {
            "values": [{"key": "training.steps", "value": 900, "source": []}],
            "presets": {
                "smoke": [{"key": "training.steps", "value": 2}, {"key": "data.sizes", "value": {"x": 1e-5}}],
                "small": {"seeds": [0, 1]},
            },
            "full_run": {"hardware": "one GPU\nwith 24 GB", "gpu_hours": 40, "wall_hours": None},
            "open_choices": [],
        }
    )
    written = config_yaml(made)
    assert yaml.safe_load(written)["presets"] == {
        "smoke": {"training": {"steps": 2}, "data": {"sizes": {"x": 1e-5}}},
        "small": {"seeds": [0, 1]},
        "full": {},
    }
    assert "      steps: 2\n" in written
    assert "    seeds: [0, 1]\n" in written
    assert written.endswith("  full: {}  # the settings above, 40 GPU hours, one GPU with 24 GB\n")


@given(KEYS, VALUES, st.text())
def test_any_preset_is_read_back_exactly(key: str, value: JsonValue, hardware: str) -> None:
    made = configured({"a": 1}).model_copy(
        update={
            "presets": Presets(smoke=[PresetValue(key=key, value=value)]),
            "full_run": FullRun(hardware=hardware, gpu_hours=1),
        }
    )
    read = yaml.safe_load(config_yaml(made))["presets"]
    assert read["full"] == {}
    for part in ("smoke", *key.split(".")):
        read = read[part]
    assert read == value


def test_a_note_cannot_end_its_comment() -> None:
    written = config_yaml(configured({"a": 1}, "x\nb: 2\x85c: 3\u2028d: 4\0\x07\ufeff"))
    assert settings(written) == {"a": 1}


def hostile(text: str) -> Architecture:
    return Architecture(
        approach="a",
        files=[
            FileContract(
                path="main.py",
                purpose=text,
                symbols=[
                    Symbol(name=text, signature=f"class {text}", purpose="p", source=[]),
                    Symbol(name=f"{text}.run", signature=f"def run(self) -> {text}:", purpose="p", source=[]),
                    Symbol(name="free", signature=text, purpose="p", source=[]),
                ],
            )
        ],
        entry_point="main.py",
        relations=[Relation(source=text, target="main.py", kind="uses", label=text)],
        sequence=[Message(sender=text, receiver="main.py", call=text, returns=text)],
        open_choices=[],
    )


CLASS_LINES = [
    r"classDiagram",
    r"    class \w+ \{",
    r"        \+[^{};#<>]+",
    r"    \}",
    r"    \w+ (--\|>|--\*|--o|\.\.>) \w+( : [^;#<>]+)?",
]
SEQUENCE_LINES = [r"sequenceDiagram", r"    participant \w+ as [^;#<>]+", r"    \w+(->>|-->>)\w+: [^;#<>]+"]


def follow(diagram: str, grammar: list[str]) -> None:
    """Every line is one whole statement of these, and none opens a directive."""
    assert "%%" not in diagram
    for line in re.split(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", diagram.removesuffix("\n")):
        assert any(re.fullmatch(statement, line) for statement in grammar), line


@pytest.mark.parametrize("text", HOSTILE_LABELS)
def test_a_hostile_name_stays_inside_its_diagram(text: str) -> None:
    follow(class_diagram(hostile(text)), CLASS_LINES)
    follow(sequence_diagram(hostile(text)), SEQUENCE_LINES)


@given(st.text())
def test_any_name_stays_inside_its_diagram(text: str) -> None:
    follow(class_diagram(hostile(text)), CLASS_LINES)
    follow(sequence_diagram(hostile(text)), SEQUENCE_LINES)


@pytest.mark.parametrize("word", ["end", "END", "Class", "participant", "title", "note", "box", "direction"])
def test_a_keyword_is_never_an_identifier(word: str) -> None:
    assert f"participant {word}_ as {word}" in sequence_diagram(hostile(word))


def test_the_diagrams_of_a_design(material: Material) -> None:
    assert material.architecture
    assert class_diagram(material.architecture) == (
        "classDiagram\n    class src_data_py {\n        +load(seed: int) -> tuple\n    }\n".replace("->", "-›")
        + "    class Ridge {\n        +fit(self, x, y) -› Ridge\n    }\n    main_py ..> Ridge : trains\n"
    )
    assert sequence_diagram(material.architecture) == (
        "sequenceDiagram\n    participant main_py as main.py\n    participant Ridge as Ridge\n"
        "    main_py->>Ridge: fit(x, y)\n    Ridge-->>main_py: self\n"
    )


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.01, "36 seconds"),
        (1 / 60, "1 minute"),
        (1 / 3, "20 minutes"),
        (1.0, "1 hour"),
        (1.5, "1.5 hours"),
        (1200.0, "1200 hours"),
    ],
)
def test_an_estimate_is_told_in_the_unit_that_people_would_use(hours: float, words: str) -> None:
    assert scale(FullRun(wall_hours=hours)) == words
    assert scale(FullRun(wall_hours=hours, gpu_hours=8, hardware="one A100")) == f"8 GPU hours, {words}, one A100"
