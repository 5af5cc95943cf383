"""Settings: keys that the code reads and config.yaml does not have, and keys that nobody reads."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from papercoder.checks.config_values import METHODS, Access, Scope, scopes
from papercoder.checks.definitions import self_attributes
from papercoder.checks.design import Design
from papercoder.checks.module import FUNCTIONS, Module, last_name
from papercoder.checks.rules import finding
from papercoder.checks.tree import Path
from state.review import Finding

_SPREADING = {"items", "values", "keys"}
_CHANGING = {"update", "setdefault", "clear"}


def undefined_settings(module: Module, config: Mapping[str, Any]) -> Iterator[Finding]:
    """Keys that are read from the configuration and are nowhere in it."""
    if not config or module.is_test:
        return
    excused = _provided_for(module)
    seen: set[tuple[int, str]] = set()
    for scope in scopes(module, config):
        for access in scope.accesses():
            known = access.places or access.key in excused or _is_caught(access.node, module)
            known = known or _is_method(access, module)
            if not known and (access.node.lineno, access.key) not in seen:
                seen.add((access.node.lineno, access.key))
                yield _undefined(module, access, config)


def _is_method(access: Access, module: Module) -> bool:
    """Whether it is called: `config.sections()` is no setting, but says that this is another kind of thing."""
    call = module.parents[access.node]
    return access.attribute and isinstance(call, ast.Call) and call.func is access.node


def _undefined(module: Module, access: Access, config: Mapping[str, Any]) -> Finding:
    close = get_close_matches(access.key, sorted(set(_keys(config))), n=1)
    return finding(
        "undefined-setting",
        module.path,
        f"`{ast.unparse(access.node)[:80]}` reads {access.key!r}, which config.yaml does not have there.",
        line=access.node.lineno,
        location=access.key,
        fix=f"Did you mean {close[0]!r}?" if close else "",
        severity="medium" if access.fallback else None,
    )


def _keys(tree: Mapping[str, Any]) -> Iterator[str]:
    for key, value in tree.items():
        yield str(key)
        if isinstance(value, Mapping):
            yield from _keys(value)


def _provided_for(module: Module) -> set[str]:
    """Keys that the module sets itself, asks for first, or that are attributes of its own classes."""
    found: set[str] = set()
    for node in module.nodes:
        match node:
            case ast.Subscript(slice=ast.Constant(value=str() as key), ctx=ast.Store() | ast.Del()):
                found.add(key)
            case ast.Compare(left=ast.Constant(value=str() as key), ops=[ast.In() | ast.NotIn()]):
                found.add(key)
            case ast.Call(func=ast.Name(id="hasattr"), args=[_, ast.Constant(value=str() as key)]):
                found.add(key)
            case ast.Call(func=ast.Attribute(attr="setdefault"), args=[ast.Constant(value=str() as key), *_]):
                found.add(key)
            case ast.Attribute(attr=key, ctx=ast.Store()):
                found.add(key)
            case ast.ClassDef():
                found |= set(self_attributes(node)) | {n.name for n in node.body if isinstance(n, FUNCTIONS)}
                found |= {
                    n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
                }
    return found


def _is_caught(node: ast.AST, module: Module) -> bool:
    around = (outer for outer in module.above(node) if isinstance(outer, ast.Try))
    kinds = {last_name(h.type) if h.type else "KeyError" for outer in around for h in outer.handlers}
    return bool(kinds & {"KeyError", "AttributeError", "Exception"})


def unused_settings(modules: Iterable[Module], design: Design) -> Iterator[Finding]:
    """Keys of config.yaml whose name appears nowhere in the code, and whose map is not handed on as a whole."""
    modules = [module for module in modules if not module.is_test]
    if not design.configuration or not modules:
        return
    words = {word for module in modules for word in module.words}
    handed_on = {place for module in modules for place in _handed_on(module, design.config)}
    for value in design.configuration.values:
        *parents, leaf = value.key.split(".")
        above = {tuple(parents[:n]) for n in range(len(parents) + 1)}
        if leaf not in words and not above & handed_on:
            yield finding("unused-setting", "config.yaml", f"Nothing reads {value.key}.", location=value.key)


def _handed_on(module: Module, config: Mapping[str, Any]) -> Iterator[Path]:
    """The mappings that are iterated over, expanded with `**`, returned, or passed to somebody."""
    for scope in scopes(module, config):
        if not _walks(scope, module):
            for node in scope.nodes:
                for value in _used_whole(node):
                    yield from scope.value(value)
                yield from _subscripted(node, scope, module)
        yield from _passed(scope)


def _walks(scope: Scope, module: Module) -> bool:
    """Whether it is the body of a function that calls itself: one that merges, copies or prints a tree reads no
    setting of it.
    """
    owner = module.parents.get(scope.body[0]) if scope.body else None
    own = owner.name if isinstance(owner, FUNCTIONS) else ""
    return bool(own) and any(isinstance(node, ast.Call) and last_name(node.func) == own for node in scope.nodes)


def _used_whole(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Call(func=ast.Attribute(value=base, attr=name)) if name in _SPREADING:
            return [base]
        case ast.For(iter=value) | ast.comprehension(iter=value) | ast.keyword(arg=None, value=value):
            return [value]
        case ast.Dict(keys=keys, values=values):
            return [value for key, value in zip(keys, values, strict=True) if key is None]
    return []


def _subscripted(node: ast.AST, scope: Scope, module: Module) -> Iterator[Path]:
    """What `config[name]` hands on: the maps that it can be, unless one key of them is read, or they are changed."""
    match node:
        case ast.Subscript(value=base, slice=key, ctx=ast.Load()) if not isinstance(key, ast.Constant):
            if not (_is_step(module.parents[node], node, module) or _is_put_back(node, module)):
                names = _looped_over(key, scope)
                for place in scope.value(base):
                    yield from [place] if names is None else [(*place, name) for name in names]


def _is_step(outer: ast.AST, node: ast.AST, module: Module) -> bool:
    """Whether what is around the map reads one key of it, which stands there, or writes to it."""
    match outer:
        case ast.Subscript(value=base, slice=key, ctx=context) if base is node:
            return isinstance(key, ast.Constant) or not isinstance(context, ast.Load)
        case ast.Attribute(attr="get" | "pop"):
            call = module.parents[outer]
            return isinstance(call, ast.Call) and bool(call.args) and isinstance(call.args[0], ast.Constant)
        case ast.Attribute(attr=name):
            return name in _CHANGING or name not in METHODS
    return False


def _is_put_back(node: ast.Subscript, module: Module) -> bool:
    """`config[name] = {**config[name], …}`."""
    statement = next(outer for outer in module.above(node) if isinstance(outer, ast.stmt))
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return any(isinstance(one, ast.Subscript) and ast.dump(one.slice) == ast.dump(node.slice) for one in targets)


def _looped_over(key: ast.expr, scope: Scope) -> set[str] | None:
    """The values of a loop's variable, where all are written out."""
    if not isinstance(key, ast.Name):
        return None
    loops = [node for node in scope.nodes if isinstance(node, (ast.For, ast.comprehension))]
    over = [loop.iter for loop in loops if isinstance(loop.target, ast.Name) and loop.target.id == key.id]
    written = [one.elts for one in over if isinstance(one, (ast.Tuple, ast.List, ast.Set))]
    if not over or len(written) != len(over):
        return None
    values = [getattr(element, "value", None) for elements in written for element in elements]
    return {value for value in values if isinstance(value, str)} if all(isinstance(v, str) for v in values) else None


def _passed(scope: Scope) -> Iterator[Path]:
    """Parts of the tree, not the whole, that become an argument or a result."""
    for node in scope.nodes:
        if isinstance(node, ast.Call):
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, ast.Return) and node.value:
            given = [node.value]
        else:
            continue
        for value in given:
            places = scope.value(value)
            yield from places if len(places) == 1 and places != {()} else ()
