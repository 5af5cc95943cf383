"""Files that hide a module which other code imports."""

import sys
from collections.abc import Iterator

from papercoder.checks import distributions
from papercoder.checks.design import Design
from papercoder.checks.repository import Repository
from papercoder.checks.rules import finding
from state.review import Finding

_HARMLESS = {"test", "this", "antigravity", "idlelib", "turtledemo", "lib2to3", "__main__", "__future__"}
"""Standard modules that nobody's code imports by accident."""


def shadowed_modules(repository: Repository, design: Design) -> Iterator[Finding]:
    """Top-level names that belong to the standard library or to a package that the program needs."""
    packages = distributions.declared([*design.logic.packages, *design.logic.optional]) if design.logic else set()
    needed = {module for package in packages for module in distributions.modules_of(package)}
    for name in sorted(repository.top_level - _HARMLESS):
        if name in sys.stdlib_module_names:
            hidden = f"the standard library's {name}"
        elif name in needed or name in distributions.WELL_KNOWN:
            hidden = f"the package {name}"
        else:
            continue
        path = min(path for other, path in repository.by_name.items() if other.split(".")[0] == name)
        yield finding("shadowed-module", path, f"{path} hides {hidden}.", location=name)
