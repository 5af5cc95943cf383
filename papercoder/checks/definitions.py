"""The names that statements define."""

import ast
from collections.abc import Iterator
from functools import lru_cache

from papercoder.checks.module import FUNCTIONS, Function, last_name

BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")


def bound_names(body: list[ast.stmt], owner: str = "") -> Iterator[str]:
    """Every name that these statements define, members as `Class.member`; imported names count."""
    for node in flattened(body):
        yield from (owner + name for name in _bound(node))
        if isinstance(node, ast.ClassDef):
            yield from bound_names(node.body, f"{owner}{node.name}.")
            yield from (f"{owner}{node.name}.{attribute}" for attribute in self_attributes(node))


def flattened(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements with those in their blocks, in order, but not what is inside functions and classes."""
    for node in body:
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            for inner in _blocks(node):
                yield from flattened(inner)


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in BLOCKS:
        for child in getattr(node, name, []):
            if isinstance(child, (ast.ExceptHandler, ast.match_case)):
                yield child.body
        if name not in ("handlers", "cases"):
            yield getattr(node, name, [])


def _bound(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
        case ast.Global():
            return list(node.names)
    targets = [child for child in ast.iter_child_nodes(node) if isinstance(child, (ast.expr, ast.withitem))]
    stored = [inner for target in targets for inner in ast.walk(target)]
    return [inner.id for inner in stored if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)]


@lru_cache(maxsize=4096)
def self_attributes(node: ast.ClassDef) -> frozenset[str]:
    """What methods set on `self`, or on `cls`."""
    attributes = (inner for inner in ast.walk(node) if isinstance(inner, ast.Attribute))
    stored = (inner for inner in attributes if isinstance(inner.ctx, ast.Store))
    return frozenset(n.attr for n in stored if isinstance(n.value, ast.Name) and n.value.id in ("self", "cls"))


def methods(node: ast.ClassDef) -> dict[str, Function]:
    """The functions of a class by name; of several with one name the last, as Python has it."""
    return {inner.name: inner for inner in flattened(node.body) if isinstance(inner, FUNCTIONS)}


def decorators(node: Function | ast.ClassDef) -> list[str]:
    """The last parts of the decorators' names: `abstractmethod` of `@abc.abstractmethod`."""
    return [last_name(decorator) for decorator in node.decorator_list]
