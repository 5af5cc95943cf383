"""Where in config.yaml a variable may point, as far as that is certain.

Followed are `yaml.safe_load` and parameters named like a configuration, through subscripts, attributes, `.get` and
assignments.  Of a parameter nobody knows which part of the tree it is: it may be any of its mappings.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from papercoder.checks.definitions import flattened
from papercoder.checks.module import FUNCTIONS, Function, Module, dotted, last_name
from papercoder.checks.tree import Path, below, mappings, node_at

Places = frozenset[Path]
NOWHERE: Places = frozenset()
Env = Mapping[str, Places]

NAMES = frozenset({"config", "cfg", "conf", "hparams", "hyperparameters", "configuration"})
METHODS = frozenset(dir(dict)) | {"to_dict", "as_dict", "to_yaml", "from_yaml", "load", "save", "merge", "__dict__"}
_MENTIONED = re.compile(r"safe_load|full_load|yaml|OmegaConf|\b(?:" + "|".join(sorted(NAMES)) + r")\b")
_LOADS = re.compile(r"(?:\w*\.)?(?:safe_load|full_load)|yaml\.load|OmegaConf\.load")
_OWN_LOADERS = re.compile(r"_?(?:load|read|parse)_?(?:config|cfg|conf|yaml|configuration)(?:_file)?")
_WRAPPERS = {
    "dict",
    "SimpleNamespace",
    "Namespace",
    "EasyDict",
    "DotDict",
    "AttrDict",
    "DotMap",
    "Box",
    "deepcopy",
    "copy",
}
_MAPPINGS = {"", "dict", "Dict", "Mapping", "MutableMapping", "Any", "DictConfig", "SimpleNamespace", "Namespace"}


@dataclass(frozen=True)
class Access:
    """One step from a mapping to a key: `places` is where it leads, empty if the key is nowhere."""

    node: ast.expr
    key: str
    places: Places
    attribute: bool = False
    fallback: bool = False


@dataclass(frozen=True)
class Scope:
    """A function's body, or a module's outside functions, with what its names hold on entry."""

    body: list[ast.stmt]
    tree: Mapping[str, Any]
    outer: Env

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Everything in the scope that is not in a function or class of its own."""
        found: list[ast.AST] = list(self.body)
        for node in found:
            found += [child for child in ast.iter_child_nodes(node) if not _is_scope(node)]
        return found

    @cached_property
    def env(self) -> Env:
        """What each name may hold; a name that is also bound to something unknown holds nothing certain."""
        env, assigned = dict(self.outer), list(self._assigned())
        for _ in range(3):  # an alias of an alias of an alias
            for name, value in assigned:
                env[name] = env.get(name, NOWHERE) | _value(value, env, self.tree)
        opaque = {n for n, v in assigned if not isinstance(v, ast.Constant) and not _value(v, env, self.tree)}
        unknown = opaque | self._bound_otherwise()
        return {name: places for name, places in env.items() if name not in unknown}

    def _assigned(self) -> Iterator[tuple[str, ast.expr]]:
        for node in self.nodes:
            for target, value in _assignments(node):
                if name := dotted(target):
                    yield name, value

    def _bound_otherwise(self) -> set[str]:
        """Names that loops, `with` or unpacking give a value which cannot be followed."""
        followed = {id(target) for node in self.nodes for target, _ in _assignments(node)}
        names = (node for node in self.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        return {node.id for node in names if id(node) not in followed}

    def value(self, node: ast.expr) -> Places:
        return _value(node, self.env, self.tree)

    def accesses(self) -> Iterator[Access]:
        """Every step into the configuration."""
        for node in self.nodes:
            step = _step(node)
            if step and isinstance(node, ast.expr):
                base, key, attribute, fallback = step
                inside = {place for place in self.value(base) if _is_filled(self.tree, place)}
                if inside:
                    found = {path for place in inside if (path := below(self.tree, place, key))}
                    yield Access(node, key, frozenset(found), attribute, fallback)


def scopes(module: Module, tree: Mapping[str, Any]) -> Iterator[Scope]:
    """The module's own scope, then each function's."""
    if not _MENTIONED.search(module.source):
        return
    top = Scope(module.tree.body, tree, {})
    kept = {node: set(_kept_configs(node)) for node in module.classes}
    yield top
    for node in module.functions:
        yield Scope(node.body, tree, _on_entry(node, module, top, kept))


def _on_entry(node: Function, module: Module, top: Scope, kept: Mapping[ast.ClassDef, set[str]]) -> Env:
    everywhere = frozenset(mappings(top.tree))
    env = dict(top.env)
    for outer in (*reversed([o for o in module.above(node) if isinstance(o, FUNCTIONS)]), node):
        parameters = [*outer.args.posonlyargs, *outer.args.args, *outer.args.kwonlyargs]
        env |= {a.arg: everywhere if is_config(a) else NOWHERE for a in parameters}
    owner = module.parents[node]
    if isinstance(owner, ast.ClassDef):
        env |= {f"self.{name}": everywhere for name in kept[owner]}
    return env


def is_config(parameter: ast.arg) -> bool:
    """Whether a parameter is a configuration by its name and, if it has one, its type."""
    annotation = parameter.annotation
    if isinstance(annotation, ast.BinOp):  # `dict | None`
        annotation = annotation.left
    named = annotation.value if isinstance(annotation, ast.Constant) else last_name(annotation) if annotation else ""
    return parameter.arg in NAMES and str(named).split("[")[0].split(".")[-1] in _MAPPINGS


def _kept_configs(owner: ast.ClassDef) -> Iterator[str]:
    """Attributes that a class sets to a parameter which is a configuration, and to nothing else."""
    held: dict[str, list[bool]] = {}
    for function in (node for node in flattened(owner.body) if isinstance(node, FUNCTIONS)):
        given = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs) if is_config(argument)}
        for node in ast.walk(function):
            match node:
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                    held.setdefault(name, []).append(isinstance(value, ast.Name) and value.id in given)
    yield from (name for name, certain in held.items() if all(certain))


def _value(node: ast.expr, env: Env, tree: Mapping[str, Any]) -> Places:
    match node:
        case ast.Name() | ast.Attribute() if dotted(node) in env:
            return env[dotted(node)]
        case ast.BoolOp(values=[first, *_]) | ast.NamedExpr(value=first):
            return _value(first, env, tree)
        case ast.Call(func=function) if _LOADS.fullmatch(dotted(function)) or _OWN_LOADERS.fullmatch(
            last_name(function)
        ):
            return frozenset({()})
        case ast.Call(func=function) if last_name(function) in _WRAPPERS and (given := _given(node)):
            return _value(given, env, tree)
    step = _step(node)
    if not step:
        return NOWHERE
    found = {below(tree, place, step[1]) for place in _value(step[0], env, tree)}
    return frozenset(path for path in found if path)


def _loads(function: ast.expr) -> bool:
    return bool(_LOADS.fullmatch(dotted(function)) or _OWN_LOADERS.fullmatch(last_name(function)))


def _given(node: ast.Call) -> ast.expr | None:
    """The one argument of `dict(x)` or `SimpleNamespace(**x)`."""
    if len(node.args) == 1 and not node.keywords:
        return node.args[0]
    return node.keywords[0].value if not node.args and len(node.keywords) == 1 and not node.keywords[0].arg else None


def _step(node: ast.AST) -> tuple[ast.expr, str, bool, bool] | None:
    """What is read from, the key, whether as an attribute, and whether there is a value for when it is missing."""
    match node:
        case ast.Subscript(value=base, slice=ast.Constant(value=str() as key), ctx=ast.Load()):
            return base, key, False, False
        case ast.Call(func=ast.Attribute(value=base, attr="get" | "pop"), args=[ast.Constant(value=str() as key), *_]):
            return base, key, False, True
        case ast.Call(func=ast.Name(id="getattr"), args=[base, ast.Constant(value=str() as key), *more]):
            return base, key, True, bool(more)
        case ast.Attribute(value=base, attr=key, ctx=ast.Load()) if key not in METHODS:
            return base, key, True, False
    return None


def _assignments(node: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    """Targets with their values, as far as they stand in pairs."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            return list(zip(targets, values, strict=True)) if len(targets) == len(values) else []
        case ast.Assign(targets=[target], value=value):
            return [(target, value)]
        case ast.NamedExpr(target=target, value=value):
            return [(target, value)]
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return [(target, value)]
    return []


def _is_filled(tree: Mapping[str, Any], place: Path) -> bool:
    node = node_at(tree, place)
    return isinstance(node, Mapping) and bool(node)


def _is_scope(node: ast.AST) -> bool:
    return isinstance(node, (*FUNCTIONS, ast.Lambda))
