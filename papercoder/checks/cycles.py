"""Import cycles, found by executing the imports in mind: which names are there when a module asks for them?"""

import ast
from collections.abc import Iterator

from papercoder.checks.definitions import bound_names
from papercoder.checks.imported import Import, imports_in, is_main_guard, is_typing_only
from papercoder.checks.module import FUNCTIONS, Module
from papercoder.checks.repository import Repository
from papercoder.checks.rules import finding
from state.review import Finding


def import_cycles(repository: Repository, starts: list[str]) -> Iterator[Finding]:
    """Imports that fail because a module is asked for a name before it has got there."""
    run = _Execution(repository)
    by_path = {path: name for name, path in repository.by_name.items()}
    for path in [*starts, *sorted(repository.modules)]:
        if path in by_path and not path.endswith("__main__.py"):
            run.load(by_path[path])
    yield from run.failures


class _Execution:
    """`bound` are the names that each module has so far; a module that is in it has begun."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.bound: dict[str, set[str]] = {}
        self.running: list[str] = []
        self.failures: list[Finding] = []

    def load(self, name: str) -> None:
        """Imports a module: the packages it stands in first, each only once."""
        for n in range(1, name.count(".") + 2):
            part = ".".join(name.split(".")[:n])
            module = self.repository.module(part)
            if part not in self.bound and module:
                self._execute(part, module)

    def _execute(self, name: str, module: Module) -> None:
        self.bound[name] = set()
        self.running.append(name)
        self._statements(module.tree.body, name, module)
        self.running.pop()

    def _statements(self, body: list[ast.stmt], name: str, module: Module) -> None:
        for node in body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for item in imports_in(node, module):
                    self._import(item, name, module)
            elif isinstance(node, ast.If) and (is_typing_only(node) or is_main_guard(node)):
                self._statements(node.orelse, name, module)
                continue
            elif not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                self._blocks(node, name, module)
            self.bound[name] |= set(bound_names([node]))

    def _blocks(self, node: ast.stmt, name: str, module: Module) -> None:
        for block in ("body", "handlers", "orelse", "finalbody"):
            for child in getattr(node, block, []):
                inner = child.body if isinstance(child, ast.ExceptHandler) else [child]
                self._statements(inner, name, module)

    def _import(self, item: Import, name: str, module: Module) -> None:
        self.load(item.module)
        if item.name == "*":
            self.bound[name] |= self.bound.get(item.module, set())
        elif not item.name:
            return
        elif self.repository.has(f"{item.module}.{item.name}") and item.name not in self.bound.get(item.module, ()):
            self.load(f"{item.module}.{item.name}")
        elif self._is_too_early(item) and not item.guarded:
            self.failures.append(self._failure(item, module))

    def _is_too_early(self, item: Import) -> bool:
        """Whether the module is still being loaded, and will have the name later."""
        if item.module not in self.running or item.name in self.bound[item.module]:
            return False
        return "__getattr__" not in self.bound[item.module] and self.repository.offers(item.module, item.name)

    def _failure(self, item: Import, module: Module) -> Finding:
        way = [*self.running[self.running.index(item.module) :], item.module]
        return finding(
            "import-cycle",
            module.path,
            f"{item.name} cannot be imported from {item.module}, which is still being loaded: {' → '.join(way)}.",
            line=item.line,
            location=item.module,
        )
