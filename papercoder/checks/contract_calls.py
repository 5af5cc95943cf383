"""Calls of what contracts promise, before anything of it is written: do they fit the signatures?"""

import ast
from collections.abc import Iterator, Mapping

from papercoder.checks.imported import imports_of
from papercoder.checks.module import Module, dotted
from papercoder.checks.repository import Repository
from papercoder.checks.rules import finding
from papercoder.checks.signatures import Parameters, promised
from state.architecture import Architecture
from state.review import Finding


def wrong_calls(module: Module, repository: Repository, architecture: Architecture) -> Iterator[Finding]:
    """Calls by name, of functions and classes; what an object's methods are given is not looked at."""
    known = _callables(module, repository, architecture)
    for node in module.nodes:
        if isinstance(node, ast.Call) and (called := known.get(dotted(node.func))):
            name, signature, parameters = called
            if problem := misfit(node, parameters):
                fix = f"Its contract is `{signature}`."
                yield finding("wrong-call", module.path, f"{name} {problem}.", line=node.lineno, location=name, fix=fix)


def _callables(
    module: Module, repository: Repository, architecture: Architecture
) -> Mapping[str, tuple[str, str, Parameters]]:
    """As the file calls it → its name in the contract, its signature, and what it takes."""
    found: dict[str, tuple[str, str, Parameters]] = {}
    for written, path, name in _imported(module, repository):
        for symbol in architecture.contract(path).symbols:
            called = symbol.name.removesuffix(".__init__")
            if "." in called or (name and called != name):
                continue
            if parameters := promised(symbol):
                found[written if name else f"{written}.{called}"] = (called, symbol.signature, parameters)
    return found


def _imported(module: Module, repository: Repository) -> Iterator[tuple[str, str, str]]:
    """What the file calls it, the file it comes from, and the name there; no name for a module as a whole."""
    aliases = {
        (alias.name, node.module if isinstance(node, ast.ImportFrom) else ""): alias.asname or alias.name
        for node in module.nodes
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    for item in imports_of(module):
        if item.level or item.name == "*":
            continue
        written = aliases.get((item.name or item.module, item.module if item.name else ""), item.name or item.module)
        if whole := repository.by_name.get(f"{item.module}.{item.name}" if item.name else item.module):
            yield written, whole, ""
        elif item.name and (path := repository.by_name.get(item.module)):
            yield written, path, item.name


def misfit(call: ast.Call, want: Parameters) -> str:
    """Why the call would fail; empty if it would not, or if stars hide what it is given."""
    spread = any(isinstance(argument, ast.Starred) for argument in call.args)
    named = [keyword.arg for keyword in call.keywords if keyword.arg]
    unknown = [] if want.any_keyword else [name for name in named if name not in want.names]
    if unknown:
        return f"has no parameter {', '.join(unknown)}"
    if spread:
        return ""
    if len(call.args) > len(want.positional) and not want.any_positional:
        return f"takes {len(want.positional)} positional arguments, and is given {len(call.args)}"
    filled = want.positional[: len(call.args)]
    if twice := [name for name in named if name in filled]:
        return f"is given {', '.join(twice)} twice"
    if any(keyword.arg is None for keyword in call.keywords):
        return ""
    missing = [name for name in want.names if name not in (*filled, *named) and name not in want.optional]
    return f"needs {', '.join(missing)}, too" if missing else ""
