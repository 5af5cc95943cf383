"""Whether a line that is named as evidence is code that does something."""

import ast
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from papercoder.checks.module import FUNCTIONS, Module, Unreadable, last_name, parse
from papercoder.checks.stripping import without_comments

TOLERANCE = 3
"""Lines by which an assessor may be off inside one function."""

_SCOPES = (*FUNCTIONS, ast.ClassDef)
_INERT = (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal, ast.Try)
_CODE = re.compile(r".*\.(?:ya?ml|sh|toml|cfg|json|ini)|(?:.*/)?(?:Makefile|Dockerfile|requirements\.txt)")


def evidence_problem(file: str, line: int, files: Mapping[str, str]) -> str:
    """Why a line (counted from 1) shows nothing, as a sentence; empty if code stands there that does something.

    In Python that code may stand up to three lines off, in the same function or class, or outside of both as well.
    """
    if file not in files:
        close = get_close_matches(file, files, n=1)
        return f"There is no file {file!r}{f'; is it {close[0]}?' if close else '.'}"
    lines = files[file].split("\n")
    if not 1 <= line <= len(lines):
        return f"{file} has {len(lines)} lines, and no line {line}."
    if file.endswith(".py"):
        return _problem_in_python(file, line, files[file])
    if not _CODE.fullmatch(file):
        return f"{file} is not code."
    text = lines[line - 1].strip()
    return "" if text and not text.startswith("#") else f"Line {line} of {file} is empty or a comment."


def _problem_in_python(file: str, line: int, source: str) -> str:
    try:
        module = parse(file, source)
    except Unreadable as error:
        return f"{error} What does not run shows nothing."
    code = without_comments(source).split("\n")
    working = {n for n in _working(module) if code[n - 1].strip()}
    kind = _kind(line, module, code[line - 1])
    near = range(line - TOLERANCE, line + TOLERANCE + 1)
    scopes = _scopes(module)
    if line in working or (
        kind != "an import" and any(n in working and scopes.get(n) is scopes.get(line) for n in near)
    ):
        return ""
    return f"Line {line} of {file} is {kind}: name the line that does it."


def _working(module: Module) -> Iterator[int]:
    """The lines of statements that do something; of a loop or a condition its head."""
    for node in module.nodes:
        if isinstance(node, ast.stmt) and not isinstance(node, (*_SCOPES, *_INERT)) and not _is_stub(node):
            inner = [other.lineno for other in ast.walk(node) if isinstance(other, ast.stmt) and other is not node]
            yield from range(node.lineno, min(inner, default=(node.end_lineno or node.lineno) + 1))


def _is_stub(node: ast.stmt) -> bool:
    """Documentation, `...`, or `raise NotImplementedError`."""
    if isinstance(node, ast.Raise):
        return node.exc is not None and last_name(node.exc) == "NotImplementedError"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _scopes(module: Module) -> dict[int, ast.AST]:
    """The innermost function or class of each line; none for what is outside."""
    found: dict[int, ast.AST] = {}
    for node in module.nodes:  # outer ones come before inner ones
        if isinstance(node, _SCOPES):
            found |= dict.fromkeys(range(_first(node), (node.end_lineno or node.lineno) + 1), node)
    return found


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _kind(line: int, module: Module, code: str) -> str:
    """What stands on a line that does nothing."""
    here = [
        node for node in module.nodes if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    if not code.strip():
        return "empty, a comment or documentation"
    if any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in here):
        return "an import"
    if any(isinstance(node, _SCOPES) and _first(node) <= line < node.body[0].lineno for node in here):
        return "a signature"
    return f"`{code.strip()[:40]}`, which does nothing"
