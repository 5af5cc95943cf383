"""The design held against itself: what can be said before a line of code is written."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from papercoder.checks import distributions
from papercoder.checks.copied_results import copied_settings
from papercoder.checks.design import Design
from papercoder.checks.origins import origins
from papercoder.checks.ownership import owners, settings_of_requirements
from papercoder.checks.reachability import entry_points
from papercoder.checks.resources import planned_resources
from papercoder.checks.rules import finding
from papercoder.checks.scales import scales
from state.architecture import Architecture
from state.logic import LogicDesign
from state.review import Finding

SHOWN = 80
"""Characters of a plan's item that say which one is meant."""


def _planning(design: Design) -> Iterator[Finding]:
    plan = design.plan
    for item in (*plan.method, *plan.data, *plan.experiments, *plan.metrics) if plan else ():
        yield from _unknown_sources(item.what, item.source, "", design)
    for result in plan.expected_results if plan else ():
        yield from _unknown_sources(result.id, result.source, "", design)
    for resource in plan.resources if plan else ():
        yield from _unknown_sources(resource.name, resource.source, "", design)
    if plan:
        yield from planned_resources(plan)


def _architecture(design: Design) -> Iterator[Finding]:
    for file in design.architecture.files if design.architecture else ():
        for symbol in file.symbols:
            yield from _unknown_sources(symbol.name, symbol.source, file.path, design)
    yield from owners(design)


def _logic(design: Design) -> Iterator[Finding]:
    if design.logic:
        yield from _cycle(design.logic)
        yield from _packages(design.logic)
    if design.architecture and design.logic:
        yield from _tasks(design.architecture, design.logic)
        yield from _unreachable(design.architecture, design.logic, design)


def _configuration(design: Design) -> Iterator[Finding]:
    for value in design.configuration.values if design.configuration else ():
        yield from _unknown_sources(value.key, value.source, "config.yaml", design)
    if design.configuration:
        yield from _unknown_sources("full_run", design.configuration.full_run.source, "config.yaml", design)
        yield from scales(design.configuration)
    yield from origins(design)
    yield from settings_of_requirements(design)
    yield from copied_settings(design)


Stage = Literal["planning", "architecture", "logic", "configuration"]

STAGES: Mapping[Stage, Callable[[Design], Iterator[Finding]]] = {
    "planning": _planning,
    "architecture": _architecture,
    "logic": _logic,
    "configuration": _configuration,
}
"""By stage what its author can mend."""


def _unknown_sources(location: str, source: Iterable[str], file: str, design: Design) -> Iterator[Finding]:
    unknown = [anchor for anchor in source if anchor not in design.anchors and anchor not in design.requirements]
    if design.anchors and unknown:
        text = f"{location[:SHOWN]} names {', '.join(unknown)}, which the paper does not have."
        yield finding("unknown-source", file, text, location=location[:SHOWN])


def _cycle(logic: LogicDesign) -> Iterator[Finding]:
    try:
        TopologicalSorter({task.path: task.depends_on for task in logic.tasks}).prepare()
    except CycleError as error:
        way = " → ".join(error.args[1])
        yield finding("dependency-cycle", error.args[1][0], f"The dependencies form a cycle: {way}.")


def _tasks(architecture: Architecture, logic: LogicDesign) -> Iterator[Finding]:
    tasks = {task.path for task in logic.tasks}
    for path in architecture.paths:
        if path not in tasks:
            yield finding("missing-task", path, f"{path} is in the architecture, but no task writes it.")
    for path in sorted(tasks - set(architecture.paths)):
        yield finding("unplanned-task", path, f"A task writes {path}, which the architecture does not have.")


def _unreachable(architecture: Architecture, logic: LogicDesign, design: Design) -> Iterator[Finding]:
    graph = logic.dependencies()
    reached = ring = {path for path in entry_points(design) if path in graph}
    while ring:
        ring = {other for path in ring for other in graph.get(path, [])} - reached
        reached = reached | ring
    for path in architecture.paths:
        counts = path.endswith(".py") and not path.endswith("__init__.py") and not path.startswith("tests/")
        if counts and path in graph and path not in reached:
            yield finding("unreachable-file", path, f"{architecture.entry_point} depends on {path} in no way.")


def _packages(logic: LogicDesign) -> Iterator[Finding]:
    for line in (*logic.packages, *logic.optional):
        if problem := _problem_of(line):
            yield finding(
                "unknown-package", "requirements.txt", f"{line!r} {problem[0]}.", location=line, fix=problem[1]
            )


def _problem_of(line: str) -> tuple[str, str] | None:
    """What is wrong with a requirement and what to do, as far as that can be told without a network."""
    requirement = distributions.parsed(line)
    if requirement is None:
        return "is not a requirement", "Write a name with an optional version, such as numpy>=1.26."
    name = distributions.canonical(requirement.name)
    if requirement.url:
        return "is installed from an address", "Name a released package."
    if (instead := distributions.installs_nothing(name)) is not None:
        return f"names no package that brings {requirement.name}", f"Write {instead}." if instead else "Leave it out."
    if name.replace("-", "_") in sys.stdlib_module_names and name not in ("dataclasses", "typing"):
        return "is part of the standard library", "Leave it out."
    if _is_empty(requirement.specifier):
        return "allows no version", "Widen its bounds."
    return None


def _is_empty(specifier: SpecifierSet) -> bool:
    """Whether a lower bound lies above an upper one."""
    lower = [Version(s.version) for s in specifier if s.operator in (">=", ">", "==", "~=") and "*" not in s.version]
    upper = [Version(s.version) for s in specifier if s.operator in ("<=", "<", "==") and "*" not in s.version]
    return bool(lower and upper) and max(lower) > min(upper)
