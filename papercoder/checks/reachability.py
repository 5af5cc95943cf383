"""Files that the program never reaches."""

import shlex
from collections.abc import Iterable, Iterator
from itertools import pairwise

from papercoder.checks.design import Design
from papercoder.checks.loading import loaded_files
from papercoder.checks.repository import Repository
from papercoder.checks.rules import finding
from state.review import Finding


def orphan_files(repository: Repository, design: Design) -> Iterator[Finding]:
    """Python files that neither the entry point nor a command reaches through imports."""
    starts = [path for path in entry_points(design) if path in repository.modules]
    if not starts:
        return
    reached = _reached(repository, starts)
    for path, module in sorted(repository.modules.items()):
        exempt = module.is_package or module.is_test or path.endswith(("__main__.py", "setup.py"))
        if path not in reached and not exempt:
            yield finding("orphan-file", path, f"{path} is not reached from {starts[0]}.")


def _reached(repository: Repository, starts: Iterable[str]) -> set[str]:
    reached, ring = set(starts), list(starts)
    while ring:
        led_to = [
            other for path in ring for other in [*repository.imported_files(path), *loaded_files(repository, path)]
        ]
        ring = [other for other in led_to if other not in reached]
        reached |= set(ring)
    return reached


def entry_points(design: Design) -> list[str]:
    """The entry point, and whatever files the design's commands run."""
    commands = [command.run for command in design.logic.commands] if design.logic else []
    found = [design.architecture.entry_point] if design.architecture else []
    return list(dict.fromkeys([*found, *(path for command in commands for path in run_by(command))]))


def scripts(design: Design) -> list[str]:
    """Those of them that are run by their path, `python folder/train.py`: their folder is where imports start."""
    commands = [command.run for command in design.logic.commands] if design.logic else []
    if not commands:
        return [design.architecture.entry_point] if design.architecture else []
    return [path for command in commands for path in run_by(command) if path in command]


def run_by(command: str) -> list[str]:
    """The Python files that a shell command runs, by path or by `-m`."""
    try:
        words = shlex.split(command)
    except ValueError:  # an open quotation mark: not for us to judge
        return []
    modules = [after for word, after in pairwise(words) if word == "-m"]
    named = [name.replace(".", "/") + end for name in modules for end in (".py", "/__main__.py")]
    return [word.removeprefix("./") for word in words if word.endswith(".py")] + named
