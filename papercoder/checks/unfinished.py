"""Bodies that do nothing, and comments that stand for code.

Not every empty body is unfinished: a base class leaves methods to those that derive from it, a hook may do nothing, and
an object that stands for nothing has the methods of the real one.
"""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from papercoder.checks.definitions import decorators
from papercoder.checks.imported import is_typing_only
from papercoder.checks.module import FUNCTIONS, Function, Module, last_name
from papercoder.checks.rules import finding
from state.review import Finding

_ABSTRACT = {"abstractmethod", "abstractproperty", "overload", "abstractclassmethod", "abstractstaticmethod"}
_ABSTRACT |= {"singledispatch", "singledispatchmethod", "multipledispatch"}  # cases are registered elsewhere
_OPEN_CLASSES = {"Protocol", "ABC", "ABCMeta"}
_NAMED_EMPTY = re.compile(r"nothing|no_?op(?:_|$)|null|placeholder", re.IGNORECASE)
_SAID_EMPTY = re.compile(r"nothing|no[- ]?op\b|overrid|subclass|ignored?\b", re.IGNORECASE)
_LATER = re.compile(r"implement|later|todo|here|yet", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"""(?ix) \b(?: (?:todo|fixme)\W{0,3}(?:please\ )?(?:implement|complete|fill|finish|write
        | replace\ (?:me\b|(?:this\ )?with\ (?:the\ |an?\ )?(?:real|actual|your|own)))
      | (?:your|actual|real|rest\ of(?:\ the)?|remaining)\ (?:code|logic|implementation)\ (?:goes\ )?(?:here|omitted)
      | (?:code|implementation|details?)\ (?:is\ |are\ )?(?:omitted|elided)
      | omitted\ for\ brevity | placeholder\ (?:implementation|for\ the\ actual|value|logic)
      | (?:dummy|stub|simplified\ stub)\ implementation
      | in\ (?:a\ real|practice,?\ (?:this|we|you)\ would) )
      | (?:^|[.:;,–—-])\W*implement\ (?:this|me|the\ rest|here|actual|real)\b"""
)
_TODO = re.compile(r"\b(?:TODO|FIXME|XXX)\b")


@dataclass(frozen=True)
class Surroundings:
    """What others say about a file's functions, as `function` or `Class.method`.

    `promised`: in the contract.  `overridden`: a class further down defines it again.  `implemented`: methods, by
    their bare name, that some class has a body for.
    """

    promised: Collection[str] = ()
    overridden: Collection[str] = ()
    implemented: Collection[str] = ()


def unfinished_bodies(module: Module, surroundings: Surroundings) -> Iterator[Finding]:
    """Functions without a body of their own."""
    for node in module.functions:
        kind = emptiness(node)
        owner = module.parents[node]
        name = f"{owner.name}.{node.name}" if isinstance(owner, ast.ClassDef) else node.name
        if not kind or name in surroundings.overridden or _is_left_open(node, module):
            continue
        if name in surroundings.promised or not _may_be_empty(node, owner, kind, surroundings):
            text = f"{name} is not implemented: its body is {kind}."
            yield finding("unfinished", module.path, text, line=node.lineno, location=name)


def emptiness(node: Function) -> str:
    """What an empty body consists of; nothing if it is not empty."""
    body = [statement for statement in node.body if not _is_constant(statement)]
    if not body:
        dots = any(isinstance(s, ast.Expr) and getattr(s.value, "value", 0) is ... for s in node.body)
        return "`...`" if dots else "a docstring"
    if len(body) == 1 and isinstance(body[0], ast.Pass):
        return "`pass`"
    return "`raise NotImplementedError`" if len(body) == 1 and _raised(body[0]) is not None else ""


def _raised(statement: ast.stmt) -> str | None:
    """The words of a `NotImplementedError`, empty if it has none; None for any other statement."""
    if not isinstance(statement, ast.Raise) or not statement.exc or last_name(statement.exc) != "NotImplementedError":
        return None
    return ast.unparse(statement.exc).removeprefix("NotImplementedError").strip("()'\"f")


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_left_open(node: Function, module: Module) -> bool:
    """Whether the function is abstract, a declaration for type checkers, or says that it does nothing on purpose."""
    around = list(module.above(node))
    declared = any(isinstance(outer, ast.If) and is_typing_only(outer) for outer in around)
    abstract = _ABSTRACT & set(decorators(node)) or any(isinstance(c, ast.ClassDef) and _is_open(c) for c in around[:1])
    said = _NAMED_EMPTY.search(node.name) or _SAID_EMPTY.search(ast.get_docstring(node) or "")
    return bool(declared or abstract or (said and _raised(node.body[-1]) is None))


def _is_open(owner: ast.ClassDef) -> bool:
    names = {last_name(base) for base in owner.bases} | {last_name(word.value) for word in owner.keywords}
    return bool(names & _OPEN_CLASSES)


def _may_be_empty(node: Function, owner: ast.AST, kind: str, surroundings: Surroundings) -> bool:
    """Whether an empty body that no contract speaks of may be meant."""
    words = _raised(node.body[-1])
    if not isinstance(owner, ast.ClassDef):
        return words is None and (not isinstance(owner, ast.Module) or kind == "a docstring")
    if words is not None:  # a method that is refused, or left to classes that derive from this one
        return bool(owner.bases) or not words or not _LATER.search(words)
    hook = node.name.startswith("__") or bool(owner.bases)  # `__init__(self): pass`, or a hook of the base
    return hook or node.name in surroundings.implemented


def placeholder_comments(module: Module) -> Iterator[Finding]:
    """Comments that promise code."""
    for line, comment in module.comments:
        text = comment.lstrip("# ").strip()[:80]
        if _PLACEHOLDER.search(comment):
            yield finding("placeholder-comment", module.path, f"A comment stands for code: “{text}”.", line=line)
        elif _TODO.search(comment):
            yield finding("todo-comment", module.path, f"Something is left to do: “{text}”.", line=line)


def implemented_methods(module: Module) -> set[str]:
    """Names of methods that have a body."""
    inside = (node for owner in module.classes for node in owner.body if isinstance(node, FUNCTIONS))
    return {node.name for node in inside if not emptiness(node)}
