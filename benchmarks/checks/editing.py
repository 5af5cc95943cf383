"""Changing a source at the place of a syntax node, and finding places worth changing."""

import ast
import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar

from benchmarks.checks.subjects import Subject

N = TypeVar("N", bound=ast.AST)


def sites(subject: Subject, kind: type[N], fits: Callable[[N], bool], rng: random.Random) -> Iterator[tuple[str, N]]:
    """Nodes of a kind, in the order of chance; the generated entry point is not among them."""
    paths = [path for path in sorted(subject.files) if path != "main.py"]
    rng.shuffle(paths)
    for path in paths:
        nodes = [node for node in ast.walk(tree_of(subject.files[path])) if isinstance(node, kind) and fits(node)]
        rng.shuffle(nodes)
        yield from ((path, node) for node in nodes)


@lru_cache(maxsize=512)
def tree_of(text: str) -> ast.Module:
    """The syntax tree, which nobody may change."""
    return ast.parse(text)


def replaced(text: str, node: ast.expr | ast.stmt, new: str) -> str:
    """The text with what the node covers replaced."""
    lines = text.encode().splitlines(keepends=True)
    assert node.end_lineno and node.end_col_offset is not None
    before = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    after = lines[node.end_lineno - 1][node.end_col_offset :] + b"".join(lines[node.end_lineno :])
    return (before + new.encode() + after).decode()


def segment(text: str, node: ast.expr | ast.stmt) -> str:
    return ast.get_source_segment(text, node) or ""


def inserted(text: str, line: int, new: str) -> str:
    """The text with a new line before the one with this number, counted from 1."""
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: line - 1], new + "\n", *lines[line - 1 :]])


def top_line(text: str) -> int:
    """The first line behind docstring and `__future__` imports."""
    for node in tree_of(text).body:
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not future and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            decorators: list[ast.expr] = getattr(node, "decorator_list", [])
            return min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return text.count("\n") + 1


def first_line(node: ast.FunctionDef) -> tuple[int, str]:
    """Line number and indentation of a function's first statement."""
    decorators: list[ast.expr] = getattr(node.body[0], "decorator_list", [])
    line = min([node.body[0].lineno, *(decorator.lineno for decorator in decorators)])
    return line, " " * node.body[0].col_offset
