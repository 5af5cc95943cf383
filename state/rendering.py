"""Artifacts as text: `config.yaml` with its sources, and the Mermaid diagrams, valid by construction."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from state.architecture import Architecture, RelationKind
from state.artifacts import UNKNOWN
from state.configuration import PRESETS, Configuration, ConfigValue, FullRun

_ARROWS: dict[RelationKind, str] = {"inherits": "--|>", "composes": "--*", "aggregates": "--o", "uses": "..>"}


def config_yaml(configuration: Configuration, labels: Mapping[str, str] | None = None) -> str:
    """`config.yaml`, every value with a comment that says where it comes from.

    `labels` turns anchor ids into what people read (`E4` → `Eq. 4`); without it the ids themselves stand there.
    """
    tree = nested({value.key: value for value in configuration.values})
    return "\n".join([*_yaml_lines(tree, "", labels or {}), "", *_preset_lines(configuration)]) + "\n"


PRESET_COMMENT = "--preset NAME merges these over the settings above: maps key by key, all else is replaced"
_PRESETS_ARE = {"smoke": "everything, on very little: a minute on a CPU", "small": "an hour on one GPU or a CPU"}


def _preset_lines(configuration: Configuration) -> list[str]:
    lines = [f"{PRESETS}:  # {PRESET_COMMENT}"]
    for name, values in configuration.presets.by_name.items():
        comment = _PRESETS_ARE.get(name) or ", ".join(
            filter(None, ["the settings above", scale(configuration.full_run)])
        )
        lines.append(f"  {name}:{'' if values else ' {}'}  # {comment}")
        if values:
            block = _dump(nested({value.key: value.value for value in values}), flow=False)
            lines += [f"    {line}" for line in block.split("\n")]
    return lines


def scale(run: FullRun) -> str:
    """What a full run takes, in a few words: `40 GPU hours, 24 GB a GPU, one A100`; empty if nothing is known."""
    amounts = [
        f"{run.gpu_hours:g} GPU hours" if run.gpu_hours else "",
        f"{run.gpu_memory_gb:g} GB a GPU" if run.gpu_memory_gb else "",
        duration(run.wall_hours) if run.wall_hours else "",
        run.hardware if run.hardware != UNKNOWN else "",
    ]
    return _printable(", ".join(filter(None, amounts)))


def duration(hours: float) -> str:
    """`36 seconds`, `20 minutes`, `1.5 hours`."""
    seconds, minutes = 3600 * hours, 60 * hours
    amount, unit = (seconds, "second") if seconds < 60 else (minutes, "minute") if minutes < 60 else (hours, "hour")
    shown = f"{amount:g}" if unit == "hour" else f"{amount:.2g}"
    return f"{shown} {unit}{'' if shown == '1' else 's'}"


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted keys, none of them below another, as nested mappings."""
    tree: dict[str, Any] = {}
    for key, value in values.items():
        node = tree
        *parents, leaf = key.split(".")
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = value
    return tree


def _yaml_lines(tree: dict[str, Any], indent: str, labels: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    for key, node in tree.items():
        if isinstance(node, ConfigValue):
            lines += _value_lines(key, node, indent, labels)
        else:
            lines += [f"{indent}{key}:", *_yaml_lines(node, indent + "  ", labels)]
    return lines


def _value_lines(key: str, value: ConfigValue, indent: str, labels: Mapping[str, str]) -> list[str]:
    comment = _comment(value, labels)
    if isinstance(value.value, dict) and value.value:
        block = _dump(value.value, flow=False).split("\n")
        return [f"{indent}{key}:  # {comment}", *(f"{indent}  {line}" for line in block)]
    return [f"{indent}{key}: {_dump(value.value, flow=True)}  # {comment}"]


def _dump(value: Any, *, flow: bool) -> str:
    """A scalar or list on one line, a map line by line."""
    dumped = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9, default_flow_style=flow)
    return dumped.removesuffix("...\n").rstrip("\n")


class _Dumper(yaml.SafeDumper):
    pass


def _represent_float(dumper: yaml.SafeDumper, number: float) -> yaml.ScalarNode:
    """`1.0e-05`: YAML 1.1 readers take `1e-05` for a string."""
    text = repr(number)
    mantissa, exponent, power = text.partition("e")
    if exponent and "." not in mantissa:
        text = f"{mantissa}.0e{power}"
    if text in ("inf", "-inf", "nan"):
        return yaml.SafeDumper.represent_float(dumper, number)
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


def _represent_str(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Line ends other than a line feed must be escaped, or reading makes spaces of them."""
    style = '"' if re.search(r"[\r\x85\u2028\u2029]", text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(float, _represent_float)
_Dumper.add_representer(str, _represent_str)


def _comment(value: ConfigValue, labels: Mapping[str, str]) -> str:
    source = ", ".join(labels.get(anchor, anchor) for anchor in value.source) or "not in the paper"
    return _printable(f"{source}: {value.note}" if value.note else source)


def _printable(text: str) -> str:
    """One line of what YAML allows in a comment."""
    return "".join(character for character in re.sub(r"\s+", " ", text) if character.isprintable())


def class_diagram(architecture: Architecture) -> str:
    """The classes of the architecture, their members and relations, in Mermaid."""
    lines = ["classDiagram"]
    classes = _classes(architecture)
    for name, members in classes.items():
        lines.append(f"    class {_identifier(name)} {{")
        lines += [f"        +{_member(member)}" for member in members]
        lines.append("    }")
    for relation in architecture.relations:
        label = f" : {_words(relation.label)}" if relation.label else ""
        arrow = _ARROWS[relation.kind]
        lines.append(f"    {_identifier(relation.source)} {arrow} {_identifier(relation.target)}{label}")
    return "\n".join(lines) + "\n"


def _classes(architecture: Architecture) -> dict[str, list[str]]:
    """Class name → member signatures; a file's free functions stand under the file's own name."""
    found: dict[str, list[str]] = {}
    for file in architecture.files:
        for symbol in file.symbols:
            owner, _, member = symbol.name.rpartition(".")
            if symbol.signature.lstrip().startswith("class "):
                found.setdefault(symbol.name, [])
            elif owner and member:
                found.setdefault(owner, []).append(symbol.signature)
            else:
                found.setdefault(file.path, []).append(symbol.signature)
    return found


def sequence_diagram(architecture: Architecture) -> str:
    """The program's call flow in Mermaid."""
    lines = ["sequenceDiagram"]
    names = dict.fromkeys(name for message in architecture.sequence for name in (message.sender, message.receiver))
    lines += [f"    participant {_identifier(name)} as {_words(name)}" for name in names]
    for message in architecture.sequence:
        sender, receiver = _identifier(message.sender), _identifier(message.receiver)
        lines.append(f"    {sender}->>{receiver}: {_words(message.call)}")
        if message.returns:
            lines.append(f"    {receiver}-->>{sender}: {_words(message.returns)}")
    return "\n".join(lines) + "\n"


_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """
        accdescr acctitle activate actor alt and as autonumber box break callback class classdef classdiagram click
        create critical cssclass deactivate destroy details direction else end href link links loop namespace note opt
        option over par participant properties rect sequencediagram style title
        """,
    )
)


def _identifier(name: str) -> str:
    """Mermaid's identifiers: word characters, and none of its keywords."""
    plain = re.sub(r"\W+", "_", name).strip("_") or "_"
    return f"{plain}_" if plain.lower() in _KEYWORDS else plain


def _member(signature: str) -> str:
    return _words(signature.removeprefix("async ").removeprefix("def ").rstrip(":")).replace("{", "(").replace("}", ")")


def _words(text: str) -> str:
    """One line without the characters that end a Mermaid statement or open one of its constructs; never nothing."""
    for character, harmless in ((";", ","), ("#", "no."), ("<", "‹"), (">", "›")):
        text = text.replace(character, harmless)
    text = re.sub(r"%(?=%)", "% ", text)  # %%{init: …}%% is a directive wherever it stands
    return re.sub(r"\s+", " ", text).strip() or "…"
