"""All checks together: which look at one file, and which at the repository."""

from collections.abc import Iterable, Iterator, Mapping

from papercoder.checks import typechecker
from papercoder.checks.artifacts import STAGES, Stage
from papercoder.checks.citations import uncited_requirements, unknown_citations
from papercoder.checks.contracts import contract_findings
from papercoder.checks.copied_results import copied_data, copied_results
from papercoder.checks.cycles import import_cycles
from papercoder.checks.design import Design
from papercoder.checks.hyperparameters import hyperparameter_literals
from papercoder.checks.imported import imports_of
from papercoder.checks.imports import (
    from_packages,
    relative_imports_of_scripts,
    undeclared_packages,
    unresolved_imports,
)
from papercoder.checks.judgement import defects
from papercoder.checks.module import Module
from papercoder.checks.randomness import unseeded_randomness
from papercoder.checks.reachability import entry_points, orphan_files, scripts
from papercoder.checks.repository import Repository
from papercoder.checks.resources import unmarked_stand_ins, unplanned_addresses
from papercoder.checks.rules import finding
from papercoder.checks.scales import missing_options
from papercoder.checks.settings import undefined_settings, unused_settings
from papercoder.checks.shadowing import shadowed_modules
from papercoder.checks.syntax import data_findings, parsed
from papercoder.checks.undefined_methods import undefined_methods
from papercoder.checks.unfinished import Surroundings, placeholder_comments, unfinished_bodies
from state.review import Finding

_SEVERITIES = ("high", "medium", "low")


def check_file(
    path: str, source: str, design: Design, files: Mapping[str, str], *, types: bool = True
) -> list[Finding]:
    """What is wrong with one file.  `files` are those it may import; without `types` the type checker is not asked.

    Names of the repository that are planned but not in `files` yet are taken for granted.
    """
    module = parsed(path, source)
    if not isinstance(module, Module):
        return [module] if module else _ordered(_data(path, source, design))
    planned = design.architecture.paths if design.architecture else []
    repository = _repository({**files, path: source}, design, planned)
    found = [*_alone(module, repository, design), *_among_others(module, repository, design)]
    if types:
        found += [item for item in _types(repository) if item.file == path or not item.file]
    return _ordered(found)


def check_repository(files: Mapping[str, str], design: Design, *, types: bool = True) -> list[Finding]:
    """What is wrong with the repository, file by file and as a whole."""
    found = [problem for path in files for problem in _unreadable(path, files[path], design)]
    repository = _repository(files, design)
    for module in repository.modules.values():
        found += _alone(module, repository, design)
        found += _among_others(module, repository, design)
    if types:
        found += _types(repository)
    return _ordered([*found, *_whole(repository, design)])


def check_design(design: Design) -> list[Finding]:
    """What is wrong with the artifacts themselves."""
    return _ordered(item for find in STAGES.values() for item in find(design))


def check_stage(stage: Stage, design: Design) -> list[Finding]:
    """What of that the stage's author can mend; nothing if its artifact is not there yet."""
    return _ordered(STAGES[stage](design))


def imported_packages(files: Mapping[str, str]) -> dict[str, list[str]]:
    """Modules that come from packages, and the files that import them; files that do not parse import nothing."""
    return from_packages(_repository(files, Design()))


def _repository(files: Mapping[str, str], design: Design, planned: Iterable[str] = ()) -> Repository:
    """`planned` are files that will be there: they can be imported, and nobody knows yet what they offer."""
    modules = {path: module for path in sorted(files) if isinstance(module := parsed(path, files[path]), Module)}
    folders = {path.rpartition("/")[0] + "/" for path in scripts(design) if "/" in path and path in modules}
    return Repository({**dict.fromkeys(planned, ""), **files}, modules, ("", *sorted(folders)))


def _unreadable(path: str, source: str, design: Design) -> Iterator[Finding]:
    problem = parsed(path, source)
    if isinstance(problem, Finding):
        yield problem
    elif problem is None:
        yield from _data(path, source, design)


def _data(path: str, source: str, design: Design) -> Iterator[Finding]:
    """What is wrong with a file that is no Python."""
    yield from data_findings(path, source)
    yield from copied_data(path, source, design)


def _alone(module: Module, repository: Repository, design: Design) -> Iterator[Finding]:
    """What the file itself says; of the others only which names they have."""
    contract = design.contract(module.path)
    promised = {symbol.name for symbol in contract.symbols} if contract else set()
    if contract:
        yield from contract_findings(contract, module)
    yield from unfinished_bodies(module, Surroundings(promised, repository.overridden, repository.implemented))
    yield from placeholder_comments(module)
    yield from unknown_citations(module, design)
    yield from uncited_requirements(module, design)
    yield from hyperparameter_literals(module, design.config)
    yield from copied_results(module, design)
    yield from unseeded_randomness(module)
    yield from unplanned_addresses(module, design)
    yield from undefined_settings(module, design.config)
    yield from undeclared_packages(module, imports_of(module), repository.top_level, design)
    if module.path in scripts(design):
        yield from relative_imports_of_scripts(module, imports_of(module))


def _among_others(module: Module, repository: Repository, design: Design) -> Iterator[Finding]:
    """What it takes from the other files."""
    yield from unresolved_imports(module, repository)
    yield from undefined_methods(module, repository)


def _types(repository: Repository) -> list[Finding]:
    try:
        found = typechecker.diagnostics({p: m.source for p, m in repository.modules.items()}, repository.roots)
    except typechecker.CheckerFailed as error:
        return [finding("checker-unavailable", "", f"{error}.")]
    return list(defects(found, repository))


def _whole(repository: Repository, design: Design) -> Iterator[Finding]:
    for path in design.architecture.paths if design.architecture else []:
        if path not in repository.files:
            yield finding("missing-file", path, f"{path} is in the architecture and is not there.")
    yield from import_cycles(repository, entry_points(design))
    yield from shadowed_modules(repository, design)
    yield from orphan_files(repository, design)
    yield from unused_settings(repository.modules.values(), design)
    yield from missing_options(repository.modules.values(), design)
    yield from unmarked_stand_ins(repository.modules.values(), design)


def _ordered(found: Iterable[Finding]) -> list[Finding]:
    """By place, the worst of a line first; of two that say the same about one line, the first."""
    unique = {(item.file, item.line, item.rule, item.problem): item for item in found}
    order = sorted(unique.values(), key=lambda f: (f.file, f.line, _SEVERITIES.index(f.severity), f.rule, f.problem))
    return order
