"""Numbers of the paper's results in the code: a reproduction measures them."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from papercoder.checks.constants import significant_digits, value_of
from papercoder.checks.design import Design
from papercoder.checks.module import Module
from papercoder.checks.rules import finding
from papercoder.checks.tree import numbers, texts
from state.configuration import ConfigValue
from state.plan import ExpectedResult
from state.review import Finding

MIN_DIGITS = 3
"""Significant digits that make a number telling: 28.4 is a result, 0.5 is anything."""
MIN_DIGITS_ROUNDED = 4
"""The same for a number that has to be rounded: 93.4127 is copied from 93.41, 3.1416 not from 3.1."""
DATA = (".json", ".yaml", ".yml", ".csv", ".tsv", ".toml", ".ini", ".cfg", ".txt", ".sh")
"""Files that a program could read them from."""
_MEASURED = re.compile(r"(?:.*/)?results[\w.-]*\.json")
"""What a run of the program wrote, unless the design has a file of that name."""

MOST_PARTS = 8
"""Examples that are counted or worked out by hand have no more samples, classes or units."""
_WORKING = re.compile(r"\d\)*\s*[-+*/·×^].*[=≈]|[=≈].*\d\)*\s*[-+*/·×^]", re.S)
"""A calculation with its outcome; not `Table 1 = 93.41`."""
_IN_WORKING = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]*\d)")
_COMPUTED = (ast.Constant, ast.BinOp, ast.JoinedStr, ast.Call)
_IN_TEXT = re.compile(r"(?<![\w.])\d*\.\d+(?:[eE][+-]?\d+)?(?![\w.]*\d)|(?<![\w.])\d{4,}(?![\w.]*\d)")


class Telling:
    """The results that a number can be told by, under every way to write them."""

    def __init__(self, design: Design, *, settings: bool = True) -> None:
        """Unless asked for, also those that are settings too."""
        self._known = set(numbers(dict(design.config))) if settings else set()
        self._exact: dict[float, ExpectedResult] = {}
        self._rounded: list[tuple[float, int, ExpectedResult]] = []
        for result in design.plan.expected_results if design.plan else []:
            for printed in (result.value, result.spread):
                if printed is not None and _digits(printed) >= _enough(printed):
                    self._take(printed, result)

    def _take(self, printed: float, result: ExpectedResult) -> None:
        for form in set(_forms(printed)) - self._known:
            self._exact.setdefault(form, result)
            if _digits(printed) >= MIN_DIGITS_ROUNDED and not form.is_integer():
                self._rounded.append((form, len(repr(form).partition(".")[2]), result))

    def __bool__(self) -> bool:
        return bool(self._exact)

    def __call__(self, number: float) -> ExpectedResult | None:
        """The result that the number is."""
        number = abs(number)
        if exact := self._exact.get(_plain(number)):
            return exact
        more = len(repr(number).partition(".")[2])
        return next(
            (result for form, digits, result in self._rounded if digits < more and round(number, digits) == form), None
        )


def copied_results(module: Module, design: Design) -> Iterator[Finding]:
    """Constants with the value of an expected result: numbers, texts that are no docstrings, and what is computed from
    nothing else.
    """
    telling = Telling(design)
    if not telling:
        return
    for node in module.nodes:
        if isinstance(node, _COMPUTED) and node not in module.docstrings:
            for result in _results_in(node, module, telling):
                if module.is_test and _is_worked_out(node, module):
                    continue
                text = f"{result.value:g} is what the paper reports for {result.id}, and stands in the code."
                yield finding("copied-result", module.path, text, line=node.lineno)


def copied_data(path: str, text: str, design: Design) -> Iterator[Finding]:
    """The same in a file that a program could read."""
    planned = design.architecture.paths if design.architecture else []
    written = _MEASURED.fullmatch(path) and path not in planned
    if written or not path.endswith(DATA) or not (telling := Telling(design)):
        return
    for number, line in enumerate(text.splitlines(), 1):
        for result in _results_written(line, telling):
            said = f"{result.value:g} is what the paper reports for {result.id}, and stands in {path}."
            yield finding("copied-result", path, said, line=number)


def copied_settings(design: Design) -> Iterator[Finding]:
    """The same in `config.yaml`, from where a program could just as well print it.

    What a requirement states that the setting names is an input of the experiment, though a table shows it as well.
    """
    telling = Telling(design, settings=False)
    for value in design.configuration.values if design.configuration else []:
        inputs = set(_stated(value, design))
        for number in _values(value.value):
            if _plain(abs(number)) not in inputs and (result := telling(number)):
                text = f"{value.key} is {number:g}, which the paper reports as the result {result.id}."
                yield finding("copied-result", "config.yaml", text, location=value.key)


def _stated(value: ConfigValue, design: Design) -> Iterator[float]:
    """The numbers in the requirements of a setting, those apart that ask for results."""
    for requirement in design.specification.named(value.requirements) if design.specification else ():
        if requirement.kind != "result":
            words = _IN_WORKING.findall(f"{requirement.what} {requirement.quote}")
            yield from (form for word in words for form in _forms(float(word)))


def _values(value: Any) -> Iterator[float]:
    yield from numbers(value)
    for text in texts(value):
        yield from map(float, _IN_TEXT.findall(text))


def _enough(printed: float) -> int:
    return MIN_DIGITS + 1 if printed.is_integer() else MIN_DIGITS


def _digits(printed: float) -> int:
    return len(significant_digits(printed))


def _forms(printed: float) -> list[float]:
    """The value, and what it is as a percentage or as a fraction."""
    size = abs(printed)
    scaled = [size / 100] if 1 <= size <= 100 else [size * 100] if size < 1 else []
    return [_plain(form) for form in (size, *scaled)]


def _plain(number: float) -> float:
    """Without the errors of binary arithmetic."""
    return float(f"{number:.10g}")


def _results_in(node: ast.expr, module: Module, telling: Telling) -> Iterator[ExpectedResult]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if len(node.value) < 10_000:
            yield from _results_written(node.value, telling)
        return
    value = value_of(node, module)
    if isinstance(value, str):
        yield from _results_written(value, telling)
    elif value is not None and (result := telling(value)):
        yield result


def _is_worked_out(node: ast.expr, module: Module) -> bool:
    """Whether a test's number is that of a small example: a fraction of few parts, or with its working beside it.

    Two of three right are 66.7 % in any paper.
    """
    value = value_of(node, module)
    if not isinstance(value, float):
        return False
    beside = _comments_beside(node, module)
    worked_out = map(float, _IN_WORKING.findall(beside)) if _WORKING.search(beside) else ()
    return _is_of_few(abs(value)) or _plain(abs(value)) in map(_plain, worked_out)


def _is_of_few(value: float) -> bool:
    """Whether it is a half, a third … of one or of a hundred, as it would be printed."""
    shares = (value, value / 100)
    places = len(repr(value).partition(".")[2])
    return any(
        0 < share < 1 and round(round(share * parts) / parts * scale, places) == value
        for share, scale in zip(shares, (1, 100), strict=True)
        for parts in range(2, MOST_PARTS + 1)
    )


def _comments_beside(node: ast.expr, module: Module) -> str:
    """On the lines of the number's own statement, and in the block right above them."""
    statement = next(outer for outer in module.above(node) if isinstance(outer, ast.stmt))
    whole: ast.stmt | ast.expr = node if hasattr(statement, "body") else statement
    lines = dict(module.comments)
    first = whole.lineno
    while first - 1 in lines:
        first -= 1
    return "\n".join(lines[line] for line in range(first, (whole.end_lineno or whole.lineno) + 1) if line in lines)


def _results_written(text: str, telling: Telling) -> Iterator[ExpectedResult]:
    for word in _IN_TEXT.findall(text):
        if result := telling(float(word)):
            yield result
