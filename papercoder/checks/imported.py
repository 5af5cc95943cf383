"""The imports of a file, and how much depends on each."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from papercoder.checks.module import FUNCTIONS, Module, last_name

_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException", ""}


@dataclass(frozen=True)
class Import:
    """`import module`, or `from module import name`; relative ones with their dots already resolved.

    `escapes` is how many dots lead out of the repository.  `guarded`: the program goes on without it;
    `typing_only`: it is never executed; `deferred`: only when a function runs.
    """

    module: str
    name: str
    line: int
    level: int = 0
    escapes: bool = False
    guarded: bool = False
    typing_only: bool = False
    deferred: bool = False

    @property
    def top(self) -> str:
        return self.module.split(".")[0]


@lru_cache(maxsize=512)
def imports_of(module: Module) -> tuple[Import, ...]:
    """All imports, in the order of the file."""
    nodes = (node for node in module.nodes if isinstance(node, (ast.Import, ast.ImportFrom)))
    return tuple(item for node in sorted(nodes, key=lambda node: node.lineno) for item in imports_in(node, module))


def imports_in(node: ast.Import | ast.ImportFrom, module: Module) -> Iterator[Import]:
    """What one statement imports."""
    circumstances = _circumstances(node, module)
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, "", node.lineno, **circumstances)
        return
    base, escapes = _base(node, module)
    for alias in node.names:
        yield Import(base, alias.name, node.lineno, node.level, escapes, **circumstances)


def _base(node: ast.ImportFrom, module: Module) -> tuple[str, bool]:
    """The absolute name of the module that is imported from, and whether its dots lead out."""
    if not node.level:
        return node.module or "", False
    package = module.package.split(".") if module.package else []
    up = node.level - 1
    parts = package[: len(package) - up] if up else package
    return ".".join([*parts, *([node.module] if node.module else [])]), not package or up >= len(package)


def _circumstances(node: ast.AST, module: Module) -> dict[str, bool]:
    around = list(module.above(node))
    return {
        "guarded": any(_guards(outer, node, module) for outer in around),
        "typing_only": any(isinstance(outer, ast.If) and is_typing_only(outer) for outer in around),
        "deferred": any(isinstance(outer, FUNCTIONS) for outer in around),
    }


def _guards(outer: ast.AST, node: ast.AST, module: Module) -> bool:
    """Whether a failure of the import is provided for: caught, or tried only after another one failed."""
    if isinstance(outer, ast.Try):
        return any(_caught(handler) for handler in outer.handlers)
    if isinstance(outer, ast.With):
        return any(last_name(item.context_expr) == "suppress" for item in outer.items)
    return isinstance(outer, ast.If) and _about_versions(outer.test)


def _caught(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any((last_name(kind) if kind else "") in _IMPORT_ERRORS for kind in kinds)


def _about_versions(test: ast.expr) -> bool:
    words = {node.attr for node in ast.walk(test) if isinstance(node, ast.Attribute)}
    return bool(words & {"version_info", "platform", "name", "implementation"}) or "find_spec" in words


def is_main_guard(node: ast.If) -> bool:
    """`if __name__ == "__main__":`, which nobody's import executes."""
    return isinstance(node.test, ast.Compare) and last_name(node.test.left) == "__name__"


def is_typing_only(node: ast.If) -> bool:
    return last_name(node.test) == "TYPE_CHECKING"
