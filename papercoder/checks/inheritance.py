"""Which methods are replaced in classes that derive from theirs."""

from collections.abc import Iterable

from papercoder.checks.definitions import methods
from papercoder.checks.module import Module, last_name


def overridden_methods(modules: Iterable[Module]) -> set[str]:
    """`Class.method` for every method that a class further down defines again.  Classes are told apart by name only."""
    classes = [node for module in modules for node in module.classes]
    bases = {node.name: [last_name(base) for base in node.bases] for node in classes}
    return {f"{base}.{name}" for node in classes for base in ancestors(node.name, bases) for name in methods(node)}


def ancestors(name: str, bases: dict[str, list[str]]) -> set[str]:
    """All classes above one, by name."""
    found: set[str] = set()
    ring = set(bases.get(name, []))
    while ring:
        found |= ring
        ring = {above for base in ring for above in bases.get(base, [])} - found
    return found
