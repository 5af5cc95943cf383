"""Which of the type checker's diagnostics are defects.

It judges types; what fails at run time is another matter where code asks first, catches the error, or leaves a name to
a subclass.
"""

import ast
import builtins
import re
import sys
from collections.abc import Iterable, Iterator

from papercoder.checks.definitions import bound_names
from papercoder.checks.module import FUNCTIONS, Module, last_name
from papercoder.checks.repository import Repository
from papercoder.checks.rules import finding
from papercoder.checks.typechecker import Diagnostic
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
_CALLED = re.compile(r"(?:to|of)(?: \w+)* `(?!object\.|type\.)")
_OF_THE_PLATFORM = {"sys", "platform", "ctypes", "winreg", "msvcrt"}
_MEMBER = re.compile(r"Module `(?P<owner>[\w.]+)` has no member `(?P<name>\w+)`")
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
        return bool(_CALLED.search(diagnostic.text))
    if node and _is_asked_first(node, module):
        return False
    if rule == "undefined-name":
        return node is None or not _is_deferred_annotation(node, module)
    if member := _MEMBER.search(diagnostic.text):
        local = member["owner"].split(".")[0] in repository.top_level
        if local and rule == "missing-symbol":
            return False  # an import, which the pass over imports has told already
        return _is_public_member(member["owner"], member["name"], repository)
    if own := _SELF.search(diagnostic.text):
        return node is not None and _is_nobody_s(own["name"], node, module, repository)
    if other := _OBJECT.search(diagnostic.text):
        known = other["name"].startswith("_") or _is_any_class_s(other["name"], repository)
        return _is_local_class(other["owner"], repository) and not known
    return False


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
    """The members of every class that derives from one of that name, directly or not; and of its other bases."""
    classes = [node for module in repository.modules.values() for node in module.classes]
    family, grown = {name}, True
    while grown:
        more = {c.name for c in classes if {last_name(base) for base in c.bases} & family}
        more |= {last_name(base) for c in classes if c.name in more for base in c.bases} & repository.class_names
        grown, family = not more <= family, family | more
    if family == {name}:
        return []
    return [{name.rpartition(".")[2] for name in bound_names([c])} for c in classes if c.name in family]


def _is_local_class(name: str, repository: Repository) -> bool:
    return name in repository.class_names and not name.endswith("Mixin")


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
    """The smallest node that begins on the line, at the column if there is one."""
    on_line = [n for n in module.nodes if getattr(n, "lineno", 0) == diagnostic.line]
    exact = [n for n in on_line if getattr(n, "col_offset", -1) + 1 == diagnostic.column]
    found = exact or on_line
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
