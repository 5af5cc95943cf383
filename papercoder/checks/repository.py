"""All files of a repository, and how its modules find each other."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from papercoder.checks.definitions import bound_names
from papercoder.checks.imported import Import, imports_of
from papercoder.checks.inheritance import overridden_methods
from papercoder.checks.module import Module
from papercoder.checks.unfinished import implemented_methods
from state.paths import module_name


@dataclass(frozen=True)
class Repository:
    """`files` is everything, `modules` the Python files that parse, by path.

    Modules are found from the repository's root, and from the folders of scripts that are run by their path.
    """

    files: Mapping[str, str]
    modules: Mapping[str, Module]
    roots: tuple[str, ...] = ("",)

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Importable name → path; the root's own names win over those that only a script's folder gives."""
        names: dict[str, str] = {}
        for root in self.roots:
            for path in sorted(self.files):
                if path.startswith(root) and (name := module_name(path.removeprefix(root))):
                    names.setdefault(name, path)
        return names

    @cached_property
    def packages(self) -> set[str]:
        """Names of folders with modules in them, with or without `__init__.py`."""
        names = {name for name, path in self.by_name.items() if path.endswith("__init__.py")}
        for name in self.by_name:
            while name := name.rpartition(".")[0]:
                names.add(name)
        return names

    @cached_property
    def top_level(self) -> set[str]:
        """The first parts of all importable names."""
        return {name.split(".")[0] for name in self.by_name}

    @cached_property
    def class_names(self) -> set[str]:
        return {node.name for module in self.modules.values() for node in module.classes}

    @cached_property
    def overridden(self) -> set[str]:
        """Methods that a class further down defines again, as `Class.method`."""
        return overridden_methods(self.modules.values())

    @cached_property
    def implemented(self) -> set[str]:
        """Names of methods that some class has a body for."""
        return {name for module in self.modules.values() for name in implemented_methods(module)}

    @cached_property
    def set_from_outside(self) -> set[str]:
        """Attributes that code sets on objects other than `self`: they may be anybody's."""
        attributes = (n for m in self.modules.values() for n in m.nodes if isinstance(n, ast.Attribute))
        stored = (node for node in attributes if isinstance(node.ctx, ast.Store))
        return {node.attr for node in stored if not (isinstance(node.value, ast.Name) and node.value.id == "self")}

    def has(self, name: str) -> bool:
        return name in self.by_name or name in self.packages

    def module(self, name: str) -> Module | None:
        """The module of that name, if it is a file that parses."""
        return self.modules.get(self.by_name.get(name, ""))

    def offers(self, module: str, name: str) -> bool:
        """Whether `from module import name` works.  A file that does not parse may offer anything."""
        return self.has(f"{module}.{name}") or self._binds(module, name, frozenset())

    def _binds(self, module: str, name: str, seen: frozenset[str]) -> bool:
        path = self.by_name.get(module)
        if path is None:
            return module not in self.packages
        if path not in self.modules:
            return True
        names = offered_names(self.modules[path])
        if name in names or "__getattr__" in names or name.startswith("__"):
            return True
        imports = imports_of(self.modules[path])
        starred = [item.module for item in imports if item.name == "*" and item.module not in seen]
        return any(self._binds(other, name, seen | {module}) for other in starred)

    def imported_files(self, path: str, *, deferred: bool = True) -> list[str]:
        """The files that a file imports when it runs, packages' `__init__.py` on the way included."""
        found: dict[str, None] = {}
        for item in imports_of(self.modules[path]) if path in self.modules else ():
            if not item.typing_only and (deferred or not item.deferred):
                found |= dict.fromkeys(self._files_of(item))
        found.pop(path, None)
        return list(found)

    def _files_of(self, item: Import) -> list[str]:
        names = [item.module, f"{item.module}.{item.name}".strip(".")] if item.name else [item.module]
        parts = [".".join(name.split(".")[:n]) for name in names for n in range(1, name.count(".") + 2)]
        return [self.by_name[name] for name in parts if name in self.by_name]


@lru_cache(maxsize=512)
def offered_names(module: Module) -> frozenset[str]:
    """The names that the top level of a file binds, members as `Class.member`."""
    return frozenset(bound_names(module.tree.body))
