"""Numbers of the paper's results in the code: a reproduction measures them."""

import ast
import re
from collections.abc import Iterator, Mapping

from papercoder.checks.design import Design
from papercoder.checks.module import Module
from papercoder.checks.rules import finding
from papercoder.checks.tree import numbers
from state.artifacts import ExpectedResult
from state.review import Finding

MIN_DIGITS = 3
"""Significant digits that make a number telling: 28.4 is a result, 0.5 is anything."""


def copied_results(module: Module, design: Design) -> Iterator[Finding]:
    """Literals with the value of an expected result, as a number or inside a string that is no docstring."""
    telling = telling_results(design)
    if not telling:
        return
    for node in module.nodes:
        if isinstance(node, ast.Constant) and node not in module.docstrings:
            for result in _results_in(node, telling):
                text = f"{result.value:g} is what the paper reports for {result.id}, and stands in the code."
                yield finding("copied-result", module.path, text, line=node.lineno)


def copied_settings(design: Design) -> Iterator[Finding]:
    """The same in `config.yaml`, from where a program could just as well print it."""
    telling = telling_results(design, settings=False)
    for value in design.configuration.values if design.configuration else []:
        for number in numbers(value.value):
            if result := telling.get(number):
                text = f"{value.key} is {number:g}, which the paper reports as the result {result.id}."
                yield finding("copied-result", "config.yaml", text, location=value.key)


def telling_results(design: Design, *, settings: bool = True) -> Mapping[float, ExpectedResult]:
    """Value → result, without values that are too short to tell and, unless asked for, those that are settings too."""
    results = design.plan.expected_results if design.plan else []
    found: dict[float, ExpectedResult] = {}
    for result in results:
        for value in _forms(result):
            found.setdefault(value, result)
    known = set(numbers(dict(design.config))) if settings else set()
    return {value: result for value, result in found.items() if value not in known}


def _forms(result: ExpectedResult) -> list[float]:
    """The value, and a percentage as a fraction, too."""
    digits = re.sub(r"e.*", "", repr(abs(result.value))).replace(".", "").strip("0")
    whole = result.value.is_integer()
    if len(digits) < MIN_DIGITS or (whole and len(digits) < MIN_DIGITS + 1):
        return []
    return [result.value, round(result.value / 100, 12)] if "%" in result.unit else [result.value]


def _results_in(node: ast.Constant, telling: Mapping[float, ExpectedResult]) -> Iterator[ExpectedResult]:
    value = node.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        found = telling.get(value)
        if found:
            yield found
    elif isinstance(value, str) and len(value) < 10_000:
        for text in re.findall(r"(?<![\w.])\d+\.\d+(?![\w.]*\d)", value):
            if result := telling.get(float(text)):
                yield result
