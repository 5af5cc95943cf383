"""Signatures: whether a function can be called in every way that its contract promises."""

import ast
import re
from dataclasses import dataclass, field

from papercoder.checks.definitions import decorators
from papercoder.checks.module import Function
from state.architecture import Symbol

_CONSTRUCTOR = re.compile(r"^class\s+(\w+)\s*\((?P<parameters>.*:.*)\)\s*:?\s*$", re.DOTALL)


@dataclass(frozen=True)
class Parameters:
    """What a caller sees: names in order, which of them may be left out, and whether any others are taken."""

    positional: list[str]
    keyword: list[str]
    optional: set[str] = field(default_factory=set)
    any_positional: bool = False
    any_keyword: bool = False

    @classmethod
    def of(cls, node: Function, method: bool) -> "Parameters":
        """`method`: the function stands in a class, where the first argument is given by the object."""
        arguments = node.args
        positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        optional = set(positional[len(positional) - len(arguments.defaults) :]) if arguments.defaults else set()
        pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        optional |= {argument.arg for argument, default in pairs if default is not None}
        if method and positional and "staticmethod" not in decorators(node):
            positional = positional[1:]
        keyword = [argument.arg for argument in arguments.kwonlyargs]
        return cls(positional, keyword, optional, arguments.vararg is not None, arguments.kwarg is not None)

    @property
    def names(self) -> list[str]:
        return [*self.positional, *self.keyword]


def promised(symbol: Symbol) -> Parameters | None:
    """The parameters of a contract's signature; None where it is not that of a function, or no Python."""
    text = symbol.signature.strip().rstrip(":").strip()
    constructor = _CONSTRUCTOR.match(text)
    if constructor:
        text = f"def __init__(self, {constructor['parameters']})"
    if not re.match(r"(?:@\w+\s+)*(?:async\s+)?def\b", text):
        return None
    try:
        node = ast.parse(f"{text}: ...").body[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    first = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)][:1]
    return Parameters.of(node, method=first in (["self"], ["cls"]) and ("." in symbol.name or bool(constructor)))


def deviation(want: Parameters, have: Parameters) -> str:
    """In which way a call that the contract allows would fail; empty if none does."""
    missing = [] if have.any_keyword else [name for name in want.names if name not in have.names]
    if missing and not (have.any_positional and not set(missing) & set(want.keyword)):
        return f"has no parameter {', '.join(missing)}"
    if extra := [name for name in have.names if name not in want.names and name not in have.optional]:
        return f"requires the further argument {', '.join(extra)}"
    if demanded := [name for name in have.names if name in want.optional and name not in have.optional]:
        return f"requires {', '.join(demanded)}, which may be left out"
    if not have.any_positional and have.positional[: len(want.positional)] != _kept(want, have):
        return f"takes its arguments in the order ({', '.join(have.names)})"
    return ""


def _kept(want: Parameters, have: Parameters) -> list[str]:
    """The positional parameters promised; behind `**kwargs` a name may be missing."""
    return [name for name in want.positional if name in have.names or not have.any_keyword]
