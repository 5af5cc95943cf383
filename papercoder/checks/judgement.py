"""Which of the type checker's diagnostics are defects.

It judges types; what fails at run time is another matter where code asks first, catches the error, or leaves a name to
a subclass.
"""

import ast
import builtins
import re
import sys
import unittest
from collections.abc import Iterable, Iterator

from papercoder.checks.definitions import bound_names, decorators, methods
from papercoder.checks.dynamic_names import makes_up_names
from papercoder.checks.imported import imports_of
from papercoder.checks.inheritance import ancestors
from papercoder.checks.module import FUNCTIONS, Module, last_name
from papercoder.checks.repository import Repository
from papercoder.checks.rules import finding
from papercoder.checks.typechecker import Diagnostic
from papercoder.checks.unfinished import emptiness
from state.review import Finding

_RULES = {
    "unresolved-reference": "undefined-name",
    "missing-attribute": "missing-attribute",
    "missing-module-member": "missing-symbol",
}
_CAUGHT = {
    "undefined-name": {"NameError", "Exception", "BaseException"},
    "missing-attribute": {"AttributeError", "Exception", "BaseException"},
    "missing-symbol": {"ImportError", "AttributeError", "Exception", "BaseException"},
    "wrong-call": {"TypeError", "Exception", "BaseException"},
}
_CALLED = re.compile(r"(?:to|of)(?: \w+)* `(?!object\.|type\.)(?P<name>(?P<owner>\w+)[\w.]*)`")
_OF_THE_PLATFORM = {"sys", "platform", "ctypes", "winreg", "msvcrt"}
_MEMBER = re.compile(r"Module `(?P<owner>[\w.]+)` has no member `(?P<name>\w+)`")
_PLAIN = {"dataclass", "final", "total_ordering", "runtime_checkable"}
"""Decorators of classes that add no attribute."""
_SELF = re.compile(r"Object of type `Self@\w+` has no attribute `(?P<name>\w+)`")
_OBJECT = re.compile(r"(?:Object of type|Class) `(?P<owner>\w+)` has no attribute `(?P<name>\w+)`")


def defects(found: Iterable[Diagnostic], repository: Repository) -> Iterator[Finding]:
    """The diagnostics that are findings."""
    for diagnostic in found:
        module = repository.modules.get(diagnostic.path)
        rule = _RULES.get(diagnostic.rule, "wrong-call")
        if module and _is_defect(rule, diagnostic, module, repository):
            yield finding(rule, module.path, _sentence(diagnostic.text), line=diagnostic.line)


def _is_defect(rule: str, diagnostic: Diagnostic, module: Module, repository: Repository) -> bool:
    node = _node_at(module, diagnostic)
    if node and _is_caught(node, rule, module):
        return False
    if rule == "wrong-call":
        return _is_wrong(diagnostic, node, module, repository)
    if node and _is_asked_first(node, module):
        return False
    if rule == "undefined-name":
        if _takes_all_of_a_package(module, repository):
            return False
        return node is None or not (_is_deferred_annotation(node, module) or _is_tried(node, module))
    if member := _MEMBER.search(diagnostic.text):
        local = member["owner"].split(".")[0] in repository.top_level
        if local and rule == "missing-symbol":
            return False  # an import, which the pass over imports has told already
        return _is_public_member(member["owner"], member["name"], repository)
    if own := _SELF.search(diagnostic.text):
        return node is not None and _is_nobody_s(own["name"], node, module, repository)
    if other := _OBJECT.search(diagnostic.text):
        if node and _is_replaced(node, module):
            return False
        known = other["name"].startswith("_") or _is_any_class_s(other["name"], repository)
        return _is_local_class(other["owner"], repository) and not known
    return False


def _is_wrong(diagnostic: Diagnostic, node: ast.AST | None, module: Module, repository: Repository) -> bool:
    """Whether the call fails: it is known what is called, and with what."""
    called = _CALLED.search(diagnostic.text)
    if not called or (called["owner"].startswith("_") and not _is_ours(called["owner"], repository)):
        return False  # stubs of private classes say little of what they take
    call = next((n for n in (node, *(module.above(node) if node else ())) if isinstance(n, ast.Call)), None)
    if call is None:
        return True
    spread = any(isinstance(argument, ast.Starred) for argument in call.args)
    empty = diagnostic.rule == "parameter-already-assigned" and spread  # so nobody knows which it assigns
    left_open = _is_stand_in(call.func, module) or _is_left_to_others(called["name"], repository)
    return not empty and not left_open


def _is_ours(name: str, repository: Repository) -> bool:
    functions = (node.name for module in repository.modules.values() for node in module.functions)
    return name in repository.class_names or name in functions


def _is_stand_in(called: ast.expr, module: Module) -> bool:
    """Whether the file has two of that name, of which one stands in for the other: a package that is not installed,
    or what only a type checker sees.  A plain name means neither a method nor what some function imports for itself.
    """
    name, plain = last_name(called), isinstance(called, ast.Name)
    imports = (node for node in module.nodes if isinstance(node, (ast.Import, ast.ImportFrom)))
    imported = any(
        name == (alias.asname or alias.name)
        and not (plain and any(isinstance(o, FUNCTIONS) for o in module.above(node)))
        for node in imports
        for alias in node.names
    )
    defined = [
        node
        for node in module.nodes
        if isinstance(node, (*FUNCTIONS, ast.ClassDef))
        and node.name == name
        and not (plain and isinstance(module.parents[node], ast.ClassDef))
    ]
    return bool(defined) and (imported or len({module.parents[node] for node in defined}) > 1)


def _is_left_to_others(called: str, repository: Repository) -> bool:
    """Whether `Class.method` has no body: it is called with what those take that derive from it."""
    owner, _, name = called.partition(".")
    classes = (node for module in repository.modules.values() for node in module.classes if node.name == owner)
    return any(emptiness(function) for node in classes if (function := methods(node).get(name)))


def _takes_all_of_a_package(module: Module, repository: Repository) -> bool:
    """Whether any name may come from `from package import *`, of which nobody knows here what it brings."""
    starred = (item for item in imports_of(module) if item.name == "*" and not item.level)
    return any(item.top not in repository.top_level | sys.stdlib_module_names for item in starred)


def _is_tried(node: ast.AST, module: Module) -> bool:
    """Whether the module finds out if there is such a name: `try: get_ipython`, `except NameError`."""
    name = getattr(node, "id", "")
    same = (other for other in module.nodes if isinstance(other, ast.Name) and other.id == name)
    return any(_is_caught(other, "undefined-name", module) for other in same if other is not node)


def _is_public_member(owner: str, name: str, repository: Repository) -> bool:
    """The stubs of the standard library leave out private names; of our own files we know all."""
    if owner.split(".")[0] in repository.top_level:
        return not repository.offers(owner, name)
    top = owner.split(".")[0]
    return not name.startswith("_") and top in sys.stdlib_module_names and top not in _OF_THE_PLATFORM


def _is_nobody_s(name: str, node: ast.AST, module: Module, repository: Repository) -> bool:
    """Whether no class that could be `self` has the name: neither this one nor one that derives from it."""
    owner = next((outer for outer in module.above(node) if isinstance(outer, ast.ClassDef)), None)
    if owner is None or name.startswith("__") or (name.startswith("_") and _has_foreign_base(owner, repository)):
        return False
    if name in repository.set_from_outside or makes_up_names(owner):
        return False
    if module.is_test and hasattr(unittest.TestCase, name):
        return False
    derived = _derived(owner.name, repository)
    if not derived:
        return not _is_mixin(owner)
    return not any(name in members for members in derived)


def _has_foreign_base(owner: ast.ClassDef, repository: Repository) -> bool:
    """Whether some base comes from elsewhere; the private names of such are not in the stubs."""
    known = {*repository.class_names, *dir(builtins)}
    return any(last_name(base) not in known for base in owner.bases)


def _is_mixin(owner: ast.ClassDef) -> bool:
    return "mixin" in owner.name.lower() or any(last_name(base) == "Protocol" for base in owner.bases)


def _derived(name: str, repository: Repository) -> list[set[str]]:
    """The members of every class that derives from one of that name, directly or not, and of their other bases."""
    classes = [node for module in repository.modules.values() for node in module.classes]
    bases = {node.name: [last_name(base) for base in node.bases] for node in classes}
    below = {node.name for node in classes if name in ancestors(node.name, bases)} - {name}
    family = below | {above for derived in below for above in ancestors(derived, bases)}
    return [{n.rpartition(".")[2] for n in bound_names([c])} for c in classes if below and c.name in family | {name}]


def _is_local_class(name: str, repository: Repository) -> bool:
    """A decorator of the repository's own may add whatever it likes."""
    classes = [node for module in repository.modules.values() for node in module.classes if node.name == name]
    plain = all(_PLAIN.issuperset(decorators(node)) for node in classes)
    return bool(classes) and plain and not name.endswith("Mixin")


def _is_replaced(node: ast.AST, module: Module) -> bool:
    """Whether an attribute is asked of a parameter that the function has given another value, whatever it declares."""
    of = node.value if isinstance(node, ast.Attribute) else node
    function = next((outer for outer in module.above(node) if isinstance(outer, FUNCTIONS)), None)
    if not isinstance(of, ast.Name) or function is None:
        return False
    parameters = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
    stored = (n for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return of.id in parameters and any(name.id == of.id for name in stored)


def _is_any_class_s(name: str, repository: Repository) -> bool:
    """Whether code sets or defines an attribute of that name on anything: the object may be more than its type."""
    return any(
        (isinstance(n, ast.Attribute) and n.attr == name and isinstance(n.ctx, ast.Store))
        or (isinstance(n, FUNCTIONS) and n.name == name)
        or (isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name) and n.target.id == name)
        for m in repository.modules.values()
        for n in m.nodes
    )


def _node_at(module: Module, diagnostic: Diagnostic) -> ast.AST | None:
    """The smallest node that begins on the line, at the column if there is one; or the string that is there."""
    on_line = [n for n in module.nodes if getattr(n, "lineno", 0) == diagnostic.line]
    exact = [n for n in on_line if getattr(n, "col_offset", -1) + 1 == diagnostic.column]
    around = [n for n in on_line if isinstance(n, ast.Constant) and isinstance(n.value, str)
              and n.col_offset < diagnostic.column <= (n.end_col_offset or 0)]  # fmt: skip
    found = exact or around or on_line
    return found[-1] if found else None


def _is_caught(node: ast.AST, rule: str, module: Module) -> bool:
    below: ast.AST = node
    for outer in module.above(node):
        fallback = isinstance(node, ast.alias)  # an import in the handler is the second of two ways
        if isinstance(outer, ast.Try) and (fallback or any(below is statement for statement in outer.body)):
            kinds = [kind for handler in outer.handlers for kind in _kinds(handler)]
            if set(kinds) & _CAUGHT[rule]:
                return True
        below = outer
    return False


def _kinds(handler: ast.ExceptHandler) -> list[str]:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [last_name(kind) if kind else "Exception" for kind in kinds]


def _is_asked_first(node: ast.AST, module: Module) -> bool:
    """Whether the code stands under a question about attributes or the platform."""
    for outer in module.above(node):
        if isinstance(outer, (ast.If, ast.IfExp, ast.BoolOp)):
            test = outer if isinstance(outer, ast.BoolOp) else outer.test
            words = {last_name(n) for n in ast.walk(test) if isinstance(n, (ast.Name, ast.Attribute))}
            if words & {"hasattr", "version_info", "platform", "TYPE_CHECKING", "locals", "globals"}:
                return True
    return False


def _is_deferred_annotation(node: ast.AST, module: Module) -> bool:
    """Whether nobody evaluates the name: it stands in an annotation that is a string, or postponed like one."""
    postponed = any(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in module.tree.body)
    below = node
    for outer in (node, *module.above(node)):
        annotation = getattr(outer, "annotation", None) is below or getattr(outer, "returns", None) is below
        if annotation and outer is not below:
            return postponed or isinstance(node, ast.Constant)
        below = outer
    return False


def _sentence(text: str) -> str:
    return text.rstrip(".") + "."
