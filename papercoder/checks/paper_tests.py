"""Tests that were written from the paper, before there is code: held against contracts in the code's place."""

import ast
from collections.abc import Iterator, Mapping

from papercoder.checks import distributions
from papercoder.checks.citations import REQUIREMENT, cited, unknown_citations
from papercoder.checks.contract_calls import wrong_calls
from papercoder.checks.copied_results import copied_results
from papercoder.checks.design import Design
from papercoder.checks.imported import Import, imports_of
from papercoder.checks.imports import undeclared_packages, unresolved_imports
from papercoder.checks.module import FUNCTIONS, Function, Module, last_name
from papercoder.checks.repository import Repository
from papercoder.checks.rules import finding
from papercoder.checks.syntax import parsed
from papercoder.checks.undefined_names import undefined_names
from state.architecture import Architecture, FileContract
from state.review import Finding

OUTWARD = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "subprocess", "urllib"}
"""Modules that lead out of the process: a test of an equation needs none."""
EFFECTS = {"exec", "input", "mkdir", "open", "print", "read_text", "savez", "system", "urlopen", "write_text"}
"""Calls that have no place where importing the file makes them."""
SKIPS = {"importorskip", "skip", "skipif", "xfail"}
TRIALS = "hypothesis"  # which nobody installs for tests unless it is declared


def check_tests(path: str, source: str, design: Design) -> list[Finding]:
    """What is wrong with a file of tests, without running it: severe findings are those that keep it from running."""
    module = parsed(path, source)
    if not isinstance(module, Module):
        return [module] if module else []
    return sorted([*_alone(module, design), *_among_contracts(module, design)], key=lambda one: (one.line, one.rule))


def tests_in(source: str) -> list[Function]:
    """The functions that pytest would call; none where the file does not parse."""
    module = parsed("tests.py", source)
    return list(_tests(module)) if isinstance(module, Module) else []


def what_tests_cite(tests: Mapping[str, str]) -> dict[str, list[str]]:
    """Every test, as pytest calls it, with the requirements that its docstring and comments name."""
    modules = [module for path, text in sorted(tests.items()) if isinstance(module := parsed(path, text), Module)]
    return {name: _required(test, module) for module in modules for name, test in _named(module)}


def _required(test: Function, module: Module) -> list[str]:
    lines = range(test.lineno, (test.end_lineno or test.lineno) + 1)
    texts = [_docstring(test), *(text for line, text in module.comments if line in lines)]
    return list(dict.fromkeys(id for text in texts for id in cited(text) if REQUIREMENT.fullmatch(id)))


def _docstring(test: Function) -> str:
    return " ".join((ast.get_docstring(test) or "").split())


def _tests(module: Module) -> Iterator[Function]:
    return (test for _, test in _named(module))


def _named(module: Module) -> Iterator[tuple[str, Function]]:
    """`tests/test_a.py::TestB::test_c`, and the function."""
    for node in module.tree.body:
        a_class = isinstance(node, ast.ClassDef) and node.name.startswith("Test")
        name = f"{module.path}::{node.name}::" if isinstance(node, ast.ClassDef) else f"{module.path}::"
        for member in node.body if isinstance(node, ast.ClassDef) and a_class else [node]:
            if isinstance(member, FUNCTIONS) and member.name.startswith("test"):
                yield name + member.name, member


def _alone(module: Module, design: Design) -> Iterator[Finding]:
    yield from _claims(module)
    yield from _skipped(module)
    yield from _effects(module)
    yield from undefined_names(module)
    yield from copied_results(module, design)
    yield from unknown_citations(module, design)


def _among_contracts(module: Module, design: Design) -> Iterator[Finding]:
    """What it takes from the files that will be there."""
    if design.architecture is None:
        return
    repository = _promised(design.architecture)
    imports = imports_of(module)
    yield from unresolved_imports(module, repository)
    yield from undeclared_packages(module, imports, repository.top_level, design)
    yield from _undeclared_trials(module, imports, design)
    yield from wrong_calls(module, repository, design.architecture)


def _promised(architecture: Architecture) -> Repository:
    """The files as their contracts promise them: names, and nothing behind them."""
    files = {file.path: _names(file) for file in architecture.files}
    modules = {path: module for path, text in files.items() if isinstance(module := parsed(path, text), Module)}
    return Repository(files, modules)


def _names(file: FileContract) -> str:
    names = dict.fromkeys(symbol.name.partition(".")[0] for symbol in file.symbols)
    return "".join(f"{name} = None\n" for name in names if name.isidentifier()) if file.path.endswith(".py") else ""


def _undeclared_trials(module: Module, imports: tuple[Import, ...], design: Design) -> Iterator[Finding]:
    declared = distributions.declared(design.logic.packages) if design.logic else set()
    for item in imports:
        if item.top == TRIALS and TRIALS not in declared:
            text = f"{TRIALS} is imported and not among the packages of the design."
            yield finding("undeclared-package", module.path, text, line=item.line, location=TRIALS)


def _claims(module: Module) -> Iterator[Finding]:
    tests = list(_tests(module))
    if not tests:
        yield finding("no-tests", module.path, f"{module.path} has no function that begins with test_.")
    for test in tests:
        if not _asserts(test):
            text = f"{test.name} asserts nothing: it passes whatever the code does."
            yield finding("no-assertion", module.path, text, line=test.lineno, location=test.name)
        if not list(cited(_docstring(test))):
            text = f"{test.name} does not say which passage or requirement it is about."
            yield finding("uncited-test", module.path, text, line=test.lineno, location=test.name)


def _asserts(test: Function) -> bool:
    """By a statement, or by a call of what is named for it: `pytest.raises`, `assert_allclose`, a helper `_check_…`."""
    nodes = list(ast.walk(test))
    calls = {last_name(node.func) for node in nodes if isinstance(node, ast.Call)}
    named = any(name in ("raises", "warns") or "assert" in name or "check" in name for name in calls)
    return named or any(isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant) for node in nodes)


def _skipped(module: Module) -> Iterator[Finding]:
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and node.attr in SKIPS and last_name(node.value) in ("pytest", "mark"):
            text = f"`{ast.unparse(node)}` keeps a test from being run."
            yield finding("skipped-test", module.path, text, line=node.lineno, location=node.attr)


def _effects(module: Module) -> Iterator[Finding]:
    for item in imports_of(module):
        if item.top in OUTWARD:
            text = f"{item.module} leads out of the process; a test of the paper stays within."
            yield finding("test-with-effects", module.path, text, line=item.line, location=item.module)
    for node in module.nodes:
        if isinstance(node, ast.Call) and last_name(node.func) in EFFECTS and _runs_on_import(node, module):
            text = f"`{ast.unparse(node)[:60]}` runs when the file is imported."
            yield finding("test-with-effects", module.path, text, line=node.lineno)


def _runs_on_import(node: ast.AST, module: Module) -> bool:
    return not any(isinstance(outer, (*FUNCTIONS, ast.Lambda)) for outer in module.above(node))
