"""The design held against itself: what can be said before a line of code is written."""

import sys
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from papercoder.checks import distributions
from papercoder.checks.copied_results import copied_settings
from papercoder.checks.design import Design
from papercoder.checks.reachability import entry_points
from papercoder.checks.rules import finding
from state.artifacts import Architecture, ConfigValue, LogicDesign
from state.review import Finding


def design_findings(design: Design) -> Iterator[Finding]:
    """All of them, stage by stage."""
    if design.architecture:
        yield from _unknown_sources_of_contracts(design.architecture, design)
    if design.logic:
        yield from _cycle(design.logic)
        yield from _packages(design.logic)
    if design.architecture and design.logic:
        yield from _tasks(design.architecture, design.logic)
        yield from _unreachable(design.architecture, design.logic, design)
    if design.configuration:
        yield from (found for value in design.configuration.values for found in _value(value, design))
        yield from copied_settings(design)


def _unknown_sources_of_contracts(architecture: Architecture, design: Design) -> Iterator[Finding]:
    for file in architecture.files:
        for symbol in file.symbols:
            yield from _unknown_sources(symbol.name, symbol.source, file.path, design)


def _unknown_sources(location: str, source: Iterable[str], file: str, design: Design) -> Iterator[Finding]:
    known = {*design.anchors, *design.requirements}
    unknown = [anchor for anchor in source if anchor not in known]
    if design.anchors and unknown:
        text = f"{location} names {', '.join(unknown)}, which the paper does not have."
        yield finding("unknown-source", file, text, location=location)


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


def _value(value: ConfigValue, design: Design) -> Iterator[Finding]:
    assert design.configuration
    yield from _unknown_sources(value.key, value.source, "config.yaml", design)
    leaf = value.key.rpartition(".")[2]
    choices = [f"{choice.question} {choice.choice}" for choice in design.configuration.open_choices]
    declared = any(value.key in text or leaf in text.split() for text in choices)
    if not value.source and not value.note and not declared:
        text = f"{value.key} has neither a source in the paper nor a note, and no open choice speaks of it."
        yield finding("unsourced-value", "config.yaml", text, location=value.key)


def _packages(logic: LogicDesign) -> Iterator[Finding]:
    for line in logic.packages:
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
