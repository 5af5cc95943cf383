"""A written file held against its contract: the names it promised must be there."""

import ast
from collections.abc import Iterator

from state.artifacts import FileContract
from state.review import Finding


def contract_findings(contract: FileContract, source: str) -> tuple[Finding, ...]:
    """The contract's names that a Python file does not define, one finding each."""
    if not contract.path.endswith(".py"):
        return ()
    defined = set(_names(ast.parse(source).body))
    missing = [symbol for symbol in contract.symbols if symbol.name not in defined]
    return tuple(
        Finding(
            location=symbol.name,
            problem=f"{contract.path} lacks {symbol.name}, which its contract promises.",
            fix=f"Define it as `{symbol.signature}`.",
        )
        for symbol in missing
    )


def _names(body: list[ast.stmt], owner: str = "") -> Iterator[str]:
    """Every name that these statements define, members as `Class.member`."""
    for node in body:
        for name in _defined(node):
            yield owner + name
        if isinstance(node, ast.ClassDef):
            yield from _names(node.body, f"{owner}{node.name}.")
            yield from (f"{owner}{node.name}.{attribute}" for attribute in _own_attributes(node))
        for block in ("body", "orelse", "handlers", "finalbody"):
            if isinstance(node, (ast.If, ast.Try, ast.With, ast.ExceptHandler)):
                yield from _names(getattr(node, block, []), owner)


def _defined(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
        case ast.Assign():
            return [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def _own_attributes(node: ast.ClassDef) -> Iterator[str]:
    """What methods set on `self`."""
    for inner in ast.walk(node):
        match inner:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name
