"""Files that code loads by a name which it makes up: `import_module(f"models.{name}")`."""

import ast
from collections.abc import Iterator

from papercoder.checks.module import Module, last_name
from papercoder.checks.repository import Repository

_LOADS = {"import_module", "__import__"}


def loaded_files(repository: Repository, path: str) -> list[str]:
    """The files that a file may load: those whose dotted name begins as the name does that it asks for."""
    module = repository.modules.get(path)
    asked = list(_asked_for(module)) if module else []
    return [other for other in repository.modules for name, whole in asked if _fits(_dotted(other), name, whole)]


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _fits(name: str, asked: str, whole: bool) -> bool:
    return name == asked if whole else name.startswith(asked)


def _asked_for(module: Module) -> Iterator[tuple[str, bool]]:
    """Each name, as far as it stands in the code, and whether that is all of it."""
    for call in module.nodes:
        if isinstance(call, ast.Call) and call.args and last_name(call.func) in _LOADS:
            begins, whole = _beginning(call.args[0], module)
            if begins.startswith("."):
                package = _beginning(call.args[1], module)[0] if len(call.args) > 1 else ""
                begins = f"{package or module.package}.{begins.lstrip('.')}"
            if begins.strip("."):
                yield begins, whole


def _beginning(node: ast.expr, module: Module) -> tuple[str, bool]:
    """The text that a string begins with, and whether it ends there."""
    match node:
        case ast.Constant(value=str() as text):
            return text, True
        case ast.JoinedStr(values=[first, *_]):
            return _beginning(first, module)[0], False
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod()):
            return _beginning(left, module)[0].partition("%")[0], False
        case ast.Call(func=ast.Attribute(value=text, attr="format")):
            return _beginning(text, module)[0].partition("{")[0], False
        case ast.Name(id="__package__"):
            return module.package, True
        case ast.Name(id=name):
            values = [value for value in _assigned(name, module) if not isinstance(value, ast.Name)]
            return _beginning(values[0], module) if len(values) == 1 else ("", False)
    return "", False


def _assigned(name: str, module: Module) -> Iterator[ast.expr]:
    for node in module.nodes:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            yield node.value
