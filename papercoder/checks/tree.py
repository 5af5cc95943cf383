"""`config.yaml` as a tree of mappings, and paths into it."""

from collections.abc import Iterator, Mapping
from typing import Any

from state.configuration import PRESETS, Configuration
from state.rendering import nested

Path = tuple[str, ...]


def config_tree(configuration: Configuration) -> dict[str, Any]:
    """Dotted keys as nested mappings, values as they are, and what the presets replace."""
    presets = {
        name: nested({value.key: value.value for value in values})
        for name, values in configuration.presets.by_name.items()
    }
    return nested({value.key: value.value for value in configuration.values}) | {PRESETS: presets}


def node_at(tree: Any, path: Path) -> Any:
    """What stands at a path that is known to exist."""
    for part in path:
        tree = tree[part]
    return tree


def mappings(tree: Mapping[str, Any], path: Path = ()) -> Iterator[Path]:
    """The paths of all mappings, the root included."""
    yield path
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from mappings(value, (*path, str(key)))


def leaves(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted key and value of everything that is no mapping."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def below(tree: Any, path: Path, key: str) -> Path | None:
    """The path of a key of the mapping at `path`, if it has that key."""
    node = node_at(tree, path)
    return (*path, key) if isinstance(node, Mapping) and key in node else None


def numbers(value: Any) -> Iterator[float]:
    """All numbers in a tree."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(value)


def texts(value: Any) -> Iterator[str]:
    """All texts in a tree, keys aside."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value
