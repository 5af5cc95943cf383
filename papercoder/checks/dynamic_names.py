"""Attributes that a class gives its objects without an assignment: registered by name, or made up as it goes."""

import ast
from collections.abc import Iterator
from functools import lru_cache

from papercoder.checks.module import FUNCTIONS, dotted, last_name

_REGISTERING = {"register_buffer", "register_parameter", "add_module", "register_module"}
_DYNAMIC = {"__getattr__", "__getattribute__", "__setattr__"}


def registered_names(node: ast.ClassDef) -> Iterator[ast.expr]:
    """What is registered under which name: `self.register_buffer("mask", …)`, also under a shorter name of it."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and call.args and last_name(call.func) in _REGISTERING:
            yield call.args[0]


@lru_cache(maxsize=4096)
def makes_up_names(node: ast.ClassDef) -> bool:
    """Whether nobody can say which attributes an object of the class has."""
    inside = list(ast.walk(node))
    calls = {dotted(inner.func) for inner in inside if isinstance(inner, ast.Call)}
    attributes = {inner.attr for inner in inside if isinstance(inner, ast.Attribute)}
    functions = {inner.name for inner in inside if isinstance(inner, FUNCTIONS)}
    computed = any(not isinstance(name, ast.Constant) for name in _registered_by_itself(node))
    return bool({"setattr", "vars"} & calls) or "__dict__" in attributes or bool(functions & _DYNAMIC) or computed


def _registered_by_itself(node: ast.ClassDef) -> Iterator[ast.expr]:
    """Without `lambda name, value: self.register_buffer(name, …)`: who calls that says the name."""
    helpers = [inner for inner in ast.walk(node) if isinstance(inner, (*FUNCTIONS, ast.Lambda))]
    passed = {
        id(name)
        for helper in helpers
        for name in ast.walk(helper)
        if isinstance(name, ast.Name) and name.id in {argument.arg for argument in helper.args.args}
    }
    yield from (name for name in registered_names(node) if id(name) not in passed)
