"""A Python file reduced to what its users need: signatures, docstrings, constants."""

import ast
import warnings
from functools import lru_cache


@lru_cache(maxsize=1024)  # a file is shown to every file that builds on it
def header(source: str) -> str:
    """The file without its bodies.  What is not Python comes back as its first lines."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in generated code is not our user's business
            return "\n".join(_module(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a very long sum nests too deep to be printed
        return "\n".join(source.splitlines()[:20])


def _module(module: ast.Module) -> list[str]:
    lines = [f'"""{_summary(module)}"""'] if ast.get_docstring(module) else []
    for node in module.body:
        lines += _lines(node, "")
    return lines


def _lines(node: ast.stmt, indent: str) -> list[str]:
    if isinstance(node, ast.ClassDef):
        members = [line for member in node.body for line in _lines(member, indent + "    ")]
        return [*_opening(node, indent), *(members or [f"{indent}    ..."])]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        private = node.name.startswith("_") and not node.name.startswith("__")
        return [] if private else [*_opening(node, indent), f"{indent}    ..."]
    if isinstance(node, ast.AnnAssign) or (isinstance(node, ast.Assign) and _is_constant(node)):
        text = ast.unparse(node)
        return [indent + (text if len(text) < 160 else text[:150] + " …")]
    return []


def _opening(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, indent: str) -> list[str]:
    """Decorators and signature, as Python itself prints a definition with an empty body, then the docstring."""
    bare = type(node)(**{**dict(ast.iter_fields(node)), "body": [ast.Pass()]})
    signature = ast.unparse(ast.fix_missing_locations(bare)).rsplit("\n", 1)[0]
    lines = [indent + line for line in signature.split("\n")]
    if ast.get_docstring(node):
        lines.append(f'{indent}    """{_summary(node)}"""')
    return lines


def _summary(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return (ast.get_docstring(node) or "").split("\n\n")[0]


def _is_constant(node: ast.Assign) -> bool:
    return all(isinstance(target, ast.Name) for target in node.targets)
