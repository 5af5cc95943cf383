"""Imports that lead somewhere: to a file of the repository, the standard library, or a declared package."""

import sys
from collections.abc import Iterable, Iterator

from papercoder.checks import distributions
from papercoder.checks.design import Design
from papercoder.checks.imported import Import, imports_of
from papercoder.checks.module import Module
from papercoder.checks.repository import Repository
from papercoder.checks.rules import finding
from state.review import Finding


def from_packages(repository: Repository) -> dict[str, list[str]]:
    """What is imported that is neither local nor standard, and by which files: module → paths."""
    users: dict[str, list[str]] = {}
    for path, module in repository.modules.items():
        for name in sorted({item.top for item in imports_of(module) if not item.level}):
            if name and name not in repository.top_level and name not in sys.stdlib_module_names:
                users.setdefault(name, []).append(path)
    return users


def undeclared_packages(
    module: Module, imports: Iterable[Import], local: set[str], design: Design
) -> Iterator[Finding]:
    """Imports of what is neither local, nor standard, nor declared.  `local` are top-level names of the repository.

    What is declared as optional may be missing: it is imported in a function, if not in a `try`.
    """
    if not design.logic:
        return
    declared = distributions.declared(design.logic.packages)
    installed = distributions.brought_by(declared)
    optional = distributions.brought_by(distributions.declared(design.logic.optional)) - installed
    if module.is_test:
        installed |= {"pytest", "hypothesis"}
    for item in imports:
        outside = not item.level and item.top and item.top not in local and item.top not in sys.stdlib_module_names
        needed = distributions.providers(item.top)
        if not outside or needed & installed or item.guarded or item.typing_only:
            continue
        if needed & optional:
            if not item.deferred:
                yield _needed_to_import(module, item)
            continue
        names = " or ".join(sorted(needed))
        yield finding(
            "undeclared-package",
            module.path,
            f"{item.top} is imported, but {names} is not among the packages of the design, and no file has that name.",
            line=item.line,
            location=item.top,
            fix=f"Declared are: {', '.join(sorted(declared)) or 'none'}. Do without it, or declare {names}.",
        )


def _needed_to_import(module: Module, item: Import) -> Finding:
    return finding(
        "undeclared-package",
        module.path,
        f"{item.top} is optional, so it may be missing, and without it {module.path} cannot be imported.",
        line=item.line,
        location=item.top,
        fix="Import it in the function that uses it, or catch the ImportError.",
    )


def unresolved_imports(module: Module, repository: Repository) -> Iterator[Finding]:
    """Local imports of files or names that are not there."""
    for item in imports_of(module):
        if item.guarded or (item.typing_only and item.top not in repository.top_level):
            continue
        if item.level and item.escapes:
            yield _escaping(module, item)
        elif item.level or item.top in repository.top_level:
            yield from _unresolved(module, item, repository)


def _unresolved(module: Module, item: Import, repository: Repository) -> Iterator[Finding]:
    if not repository.has(item.module):
        rule = "relative-import" if item.level else "unresolved-import"
        text = f"There is no module {item.module} in the repository."
        yield finding(rule, module.path, text, line=item.line, location=item.module)
    elif item.name not in ("", "*") and not repository.offers(item.module, item.name):
        yield finding(
            "missing-symbol",
            module.path,
            f"{repository.by_name.get(item.module, item.module)} has no {item.name}.",
            line=item.line,
            location=f"{item.module}.{item.name}",
        )


def _escaping(module: Module, item: Import) -> Finding:
    dots = "." * item.level
    where = "is not in a package" if not module.package else f"is in the package {module.package}"
    text = f"The relative import `from {dots}… import {item.name}` leads nowhere: {module.path} {where}."
    return finding("relative-import", module.path, text, line=item.line)


def relative_imports_of_scripts(module: Module, imports: Iterable[Import]) -> Iterator[Finding]:
    """A file that is run by its path has no package, whatever its folder is."""
    for item in imports:
        if item.level and not item.guarded and not item.typing_only and not item.escapes:
            text = f"{module.path} is run as a script, where relative imports fail."
            yield finding("relative-import", module.path, text, line=item.line)
