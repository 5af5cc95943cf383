"""Tests that were written from the paper, before there is code: held against contracts instead."""

import ast
from collections.abc import Iterator

from papercoder.checks.copied_results import copied_results
from papercoder.checks.design import Design
from papercoder.checks.module import FUNCTIONS, Function, Module, last_name
from papercoder.checks.rules import finding
from papercoder.checks.syntax import parsed
from state.review import Finding


def check_tests(path: str, source: str, design: Design) -> list[Finding]:
    """What is wrong with a file of tests, without running it."""
    module = parsed(path, source)
    if not isinstance(module, Module):
        return [module] if module else []
    return [*_claims(module), *copied_results(module, design)]


def tests_in(source: str) -> list[Function]:
    """The functions that pytest would call."""
    module = parsed("tests.py", source)
    return list(_tests(module)) if isinstance(module, Module) else []


def _tests(module: Module) -> Iterator[Function]:
    for node in module.tree.body:
        members = node.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test") else [node]
        yield from (n for n in members if isinstance(n, FUNCTIONS) and n.name.startswith("test"))


def _claims(module: Module) -> Iterator[Finding]:
    tests = list(_tests(module))
    if not tests:
        yield finding("no-tests", module.path, f"{module.path} has no function that begins with test_.")
    for test in tests:
        if not _asserts(test):
            text = f"{test.name} asserts nothing: it passes whatever the code does."
            yield finding("no-assertion", module.path, text, line=test.lineno, location=test.name)


def _asserts(test: Function) -> bool:
    """By a statement, or by a call of what is named for it: `pytest.raises`, `assert_allclose`, a helper `_check_…`."""
    nodes = list(ast.walk(test))
    calls = {last_name(node.func) for node in nodes if isinstance(node, ast.Call)}
    named = any(name in ("raises", "warns") or "assert" in name or "check" in name for name in calls)
    return named or any(isinstance(node, ast.Assert) for node in nodes)
