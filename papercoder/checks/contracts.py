"""A written file held against its contract: the names it promised, with the signatures it promised."""

import ast
from collections.abc import Iterator

from papercoder.checks.definitions import bound_names, flattened, methods
from papercoder.checks.module import FUNCTIONS, Function, Module
from papercoder.checks.rules import finding
from papercoder.checks.signatures import Parameters, deviation, promised
from state.architecture import FileContract, Symbol
from state.review import Finding


def contract_findings(contract: FileContract, module: Module) -> Iterator[Finding]:
    """What the contract promises and the file does not keep, one finding a symbol."""
    defined = set(bound_names(module.tree.body))
    for symbol in contract.symbols:
        if symbol.name not in defined:
            yield finding(
                "broken-contract",
                contract.path,
                f"{contract.path} lacks {symbol.name}, which its contract promises.",
                location=symbol.name,
                fix=f"Define it as `{symbol.signature}`.",
            )
        elif problem := _deviation(symbol, module):
            node, text = problem
            yield finding(
                "broken-contract",
                contract.path,
                f"{symbol.name} {text}, unlike its contract.",
                line=node.lineno,
                location=symbol.name,
                fix=f"Give it the signature `{symbol.signature}`.",
            )


def _deviation(symbol: Symbol, module: Module) -> tuple[Function, str] | None:
    want = promised(symbol)
    found = _function(module, symbol.name) if want else None
    if not want or not found:
        return None
    node, method = found
    text = deviation(want, Parameters.of(node, method))
    return (node, text) if text else None


def _function(module: Module, name: str) -> tuple[Function, bool] | None:
    """The function of that name and whether it is called on an object; a class stands for its `__init__`."""
    owner, _, member = name.rpartition(".")
    classes = {node.name: node for node in flattened(module.tree.body) if isinstance(node, ast.ClassDef)}
    if owner or name in classes:
        node = (
            methods(classes[owner or name]).get(member if owner else "__init__") if (owner or name) in classes else None
        )
        return (node, True) if node else None
    functions = [node for node in flattened(module.tree.body) if isinstance(node, FUNCTIONS) and node.name == name]
    return (functions[-1], False) if functions else None
