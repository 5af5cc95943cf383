"""Names on `self` that neither the class, nor its bases, nor anybody else ever defines."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from unittest import TestCase

from papercoder.checks.definitions import bound_names, decorators, methods, self_attributes
from papercoder.checks.dynamic_names import makes_up_names, registered_names
from papercoder.checks.framework_methods import METHODS
from papercoder.checks.imported import Import, imports_of
from papercoder.checks.inheritance import ancestors
from papercoder.checks.module import Module, dotted, last_name
from papercoder.checks.repository import Repository
from papercoder.checks.rules import finding
from state.review import Finding


@dataclass(frozen=True)
class Class:
    """A class of the repository, with the module that its names are read in."""

    node: ast.ClassDef
    module: Module


def undefined_methods(module: Module, repository: Repository) -> Iterator[Finding]:
    """`self.x`, where nobody defines `x` and every base is a class of ours or of a framework that we know.

    Classes whose bases are all ours are left to the type checker.
    """
    for node in module.nodes:
        if isinstance(node, ast.ClassDef) and node.bases:
            names = _known_names(Class(node, module), repository)
            if names is not None:
                known = names | repository.set_from_outside | _names_below(node.name, repository)
                known |= set(dir(TestCase)) if module.is_test else set()  # cases are mixed with it elsewhere
                yield from _undefined(node, known, module)


def _undefined(node: ast.ClassDef, known: set[str], module: Module) -> Iterator[Finding]:
    reported: set[str] = set()
    for used in _used_on_self(node):
        if used.attr not in known and used.attr not in reported and not used.attr.startswith("__"):
            reported.add(used.attr)
            text = f"self.{used.attr} is used in {node.name}, but nothing defines it."
            yield finding("undefined-method", module.path, text, line=used.lineno, location=f"{node.name}.{used.attr}")


def _used_on_self(node: ast.ClassDef) -> Iterator[ast.Attribute]:
    for function in methods(node).values():
        if not function.args.args or {"staticmethod", "classmethod"} & set(decorators(function)):
            continue
        this = function.args.args[0].arg
        for inner in ast.walk(function):
            match inner:
                case ast.Attribute(value=ast.Name(id=name), ctx=ast.Load()) if name == this:
                    yield inner


def _known_names(
    cls: Class, repository: Repository, seen: frozenset[ast.ClassDef] = frozenset(), *, outermost: bool = True
) -> set[str] | None:
    """Every name that objects of the class have; None if that cannot be said."""
    if cls.node in seen or makes_up_names(cls.node) or cls.node.keywords:
        return None
    names = set(_own_names(cls.node))
    foreign = False
    for base in cls.node.bases:
        found, is_foreign = _names_of_base(base, cls, repository, seen | {cls.node})
        if found is None:
            return None
        names |= found
        foreign |= is_foreign
    return names if foreign or not outermost else None


def _names_of_base(
    base: ast.expr, cls: Class, repository: Repository, seen: frozenset[ast.ClassDef]
) -> tuple[set[str] | None, bool]:
    """The names that come from a base, and whether a framework gives some of them."""
    name = dotted(base)
    if local := _local_class(name, cls.module, repository):
        names = _known_names(local, repository, seen, outermost=False)
        return names, any(_framework_class(dotted(b), local.module) for b in local.node.bases)
    framework = _framework_class(name, cls.module)
    return (None, False) if framework is None else ({*METHODS[framework], *dir(object)}, framework != "object")


def _framework_class(name: str, module: Module) -> str | None:
    """The full name of a framework's class, through the imports of the file."""
    first, _, rest = name.partition(".")
    for known in METHODS:
        if name == known:
            return known
        for alias, target in _aliases(module).items():
            if alias == first and f"{target}.{rest}".strip(".") == known:
                return known
    return None


@lru_cache(maxsize=512)
def _aliases(module: Module) -> Mapping[str, str]:
    """Name in the file → what it stands for, with all dots."""
    found: dict[str, str] = {}
    for node in module.nodes:
        if isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _local_class(name: str, module: Module, repository: Repository) -> Class | None:
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return Class(node, module)
    for item in imports_of(module):
        if item.name == name:
            return _class_in(item, repository)
    return None


def _class_in(item: Import, repository: Repository) -> Class | None:
    other = repository.module(item.module)
    found = [n for n in other.tree.body if isinstance(n, ast.ClassDef) and n.name == item.name] if other else []
    return Class(found[0], other) if found and other else None


def _names_below(name: str, repository: Repository) -> set[str]:
    """What classes that derive from one of that name define: `self` may be one of theirs."""
    classes = [node for module in repository.modules.values() for node in module.classes]
    bases = {node.name: [last_name(base) for base in node.bases] for node in classes}
    return {found for node in classes if name in ancestors(node.name, bases) for found in _own_names(node)}


@lru_cache(maxsize=4096)
def _own_names(node: ast.ClassDef) -> frozenset[str]:
    registered = {str(name.value) for name in registered_names(node) if isinstance(name, ast.Constant)}
    members = {name for name in bound_names(node.body) if "." not in name}
    return frozenset({*members, *self_attributes(node), *registered})
