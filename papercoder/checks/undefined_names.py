"""Names that nothing in a file defines, as Python's own symbol tables tell."""

import ast
import builtins
import symtable
from collections.abc import Iterator

from papercoder.checks.imported import imports_of
from papercoder.checks.module import Module
from papercoder.checks.rules import finding
from state.review import Finding

GIVEN = {*dir(builtins), "__file__", "__name__", "__doc__", "__path__", "__spec__", "__annotations__"}


def undefined_names(module: Module) -> Iterator[Finding]:
    """Of a file by itself, without a type checker; a star import may define anything."""
    if any(item.name == "*" for item in imports_of(module)):
        return
    top = symtable.symtable(module.source, module.path, "exec")
    defined = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    defined |= _declared_global(top)
    missing = {name for table in _tables(top) for name in _global_names(table)} - defined - GIVEN
    for name in sorted(missing):
        line = min((n.lineno for n in module.nodes if isinstance(n, ast.Name) and n.id == name), default=0)
        yield finding("undefined-name", module.path, f"{name} is not defined.", line=line, location=name)


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _global_names(table: symtable.SymbolTable) -> Iterator[str]:
    at_top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or at_top):
            yield symbol.get_name()


def _declared_global(top: symtable.SymbolTable) -> set[str]:
    """Names that a function makes global by assigning to them."""
    symbols = (symbol for table in _tables(top) for symbol in table.get_symbols())
    return {symbol.get_name() for symbol in symbols if symbol.is_declared_global() and symbol.is_assigned()}
