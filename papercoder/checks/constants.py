"""The value of an expression that needs nothing but itself: `9341 / 100`, `"93" + ".41"`, `float("3e-4")`."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from papercoder.checks.module import Module, last_name

Value = float | str

_OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_NUMBERS = {"float", "int", "Decimal", "Fraction", "round", "abs"}
_LONGEST = 200
"""Characters of a text that is put together."""


def significant_digits(number: float) -> str:
    """`3` of 3e-4 and of 300, `9341` of 93.41."""
    return re.sub(r"e.*", "", repr(abs(number))).replace(".", "").strip("0")


def value_of(node: ast.expr, module: Module) -> Value | None:
    """A number or a text; None for what depends on anything else.  Names count that are given one constant, once."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as number):
            return _number(number)
        case ast.Constant(value=complex() as number):
            return _number(number.real or number.imag)
        case ast.Constant(value=str() as text):
            return text if len(text) <= _LONGEST else None
        case ast.Constant(value=bytes() as data):
            return data.decode("latin-1") if len(data) <= _LONGEST else None
        case ast.Name(id=name):
            return _names(module).get(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = value_of(operand, module)
            return -inner if isinstance(inner, float) else None
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(op, value_of(left, module), value_of(right, module))
        case ast.JoinedStr(values=parts):
            return _joined([value_of(part, module) for part in parts])
        case ast.FormattedValue(value=ast.Constant(value=part), format_spec=None):
            return str(part)
        case ast.Call(func=function, args=[*given], keywords=[]) if last_name(function) in _NUMBERS:
            return _converted(last_name(function), [value_of(argument, module) for argument in given])
    return None


@lru_cache(maxsize=64)
def _names(module: Module) -> Mapping[str, Value]:
    """What the module's own names stand for, where nothing else is ever assigned to them."""
    stored = [n.id for n in module.nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    found: dict[str, Value] = {}
    for node in module.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int() | float() | str() as value)):
                if stored.count(name) == 1 and not isinstance(value, bool):
                    found[name] = value if isinstance(value, str) else float(value)
    return found


def _number(value: complex) -> float | None:
    try:
        number = float(value.real)
    except (OverflowError, ValueError):
        return None
    return number if abs(number) < 1e300 else None


def _combined(op: ast.operator, left: Value | None, right: Value | None) -> Value | None:
    if isinstance(left, str) and isinstance(right, str):
        return left + right if isinstance(op, ast.Add) and len(left + right) <= _LONGEST else None
    operation = _OPERATIONS.get(type(op))
    if not (operation and isinstance(left, float) and isinstance(right, float)):
        return None
    try:
        return _number(operation(left, right))
    except (ArithmeticError, ValueError):
        return None


def _joined(parts: list[Value | None]) -> str | None:
    text = "".join(part for part in parts if isinstance(part, str))
    return text if all(isinstance(part, str) for part in parts) and len(text) <= _LONGEST else None


def _converted(function: str, given: list[Value | None]) -> float | None:
    """What `float`, `round`, `Fraction` … make of it."""
    try:
        match function, given:
            case "Fraction", [float() as above, float() as below]:
                return above / below
            case "round", [float() as number, float() as digits]:
                return round(number, int(digits))
            case _, [float() | str() as one]:
                return _number(float(one))
    except (ArithmeticError, ValueError):
        return None
    return None
