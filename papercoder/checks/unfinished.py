"""Bodies that do nothing, and comments that stand for code."""

import ast
import re
from collections.abc import Collection, Iterator

from papercoder.checks.definitions import decorators
from papercoder.checks.module import FUNCTIONS, Function, Module, last_name
from papercoder.checks.rules import finding
from state.review import Finding

_ABSTRACT = {"abstractmethod", "abstractproperty", "overload", "abstractclassmethod", "abstractstaticmethod"}
_OPEN_CLASSES = {"Protocol", "ABC", "ABCMeta"}
_PLACEHOLDER = re.compile(
    r"""(?ix) \b(?: (?:todo|fixme) \b.* \b(?:implement|complete|fill|finish|write|replace)
      | implement\ (?:this|me|the\ rest|here|actual|real)
      | (?:your|actual|real|rest\ of(?:\ the)?|remaining)\ (?:code|logic|implementation)\ (?:goes\ )?(?:here|omitted)
      | (?:code|implementation|details?)\ (?:is\ |are\ )?(?:omitted|elided)
      | omitted\ for\ brevity | placeholder\ (?:implementation|for\ the\ actual|value|logic)
      | (?:dummy|stub|simplified\ stub)\ implementation
      | in\ (?:a\ real|practice,?\ (?:this|we|you)\ would) )"""
)
_TODO = re.compile(r"\b(?:TODO|FIXME|XXX)\b")


def unfinished_bodies(module: Module, promised: Collection[str], overridden: Collection[str]) -> Iterator[Finding]:
    """Functions without a body of their own.

    `promised` are the contract's names.  `overridden` are `Class.method` names that a subclass somewhere replaces:
    a base class may leave those open.
    """
    for node in module.nodes:
        if isinstance(node, FUNCTIONS):
            owner = module.parents[node]
            name = f"{owner.name}.{node.name}" if isinstance(owner, ast.ClassDef) else node.name
            kind = _emptiness(node)
            if kind and not (name in overridden or _may_be_empty(node, owner, kind, name in promised)):
                yield finding(
                    "unfinished", module.path, f"{name} is not implemented: its body is `{kind}`.", line=node.lineno
                )


def _emptiness(node: Function) -> str:
    """What an empty body consists of; empty if it is not."""
    body = [statement for statement in node.body if not _is_constant(statement)]
    if not body:
        dots = any(isinstance(s, ast.Expr) and getattr(s.value, "value", 0) is ... for s in node.body)
        return "..." if dots else "a docstring"
    if len(body) > 1:
        return ""
    match body[0]:
        case ast.Pass():
            return "pass"
        case ast.Raise(exc=error) if error and last_name(error) == "NotImplementedError":
            return "raise NotImplementedError"
    return ""


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _may_be_empty(node: Function, owner: ast.AST, kind: str, promised: bool) -> bool:
    if _ABSTRACT & set(decorators(node)) or (isinstance(owner, ast.ClassDef) and _is_open(owner)):
        return True
    if promised:
        return False
    if not isinstance(owner, ast.ClassDef):
        return kind != "raise NotImplementedError" and not isinstance(owner, ast.Module) and not node.args.args
    hook = node.name.startswith("__") or bool(owner.bases)  # `__init__(self): pass`, or a hook of the base left alone
    return kind != "raise NotImplementedError" and hook


def _is_open(owner: ast.ClassDef) -> bool:
    names = {last_name(base) for base in owner.bases} | {last_name(word.value) for word in owner.keywords}
    return bool(names & _OPEN_CLASSES)


def placeholder_comments(module: Module) -> Iterator[Finding]:
    """Comments that promise code."""
    for line, comment in module.comments:
        text = comment.lstrip("# ").strip()[:80]
        if _PLACEHOLDER.search(comment):
            yield finding("placeholder-comment", module.path, f"A comment stands for code: “{text}”.", line=line)
        elif _TODO.search(comment):
            yield finding("todo-comment", module.path, f"Something is left to do: “{text}”.", line=line)
