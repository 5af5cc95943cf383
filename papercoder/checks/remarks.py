"""Where in a Python source its comments and documentation stand: what is written for people, and never runs."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from typing_extensions import TypeIs

from papercoder.checks.module import Module
from papercoder.checks.syntax import parsed

_PIECES = re.compile(
    r"(?P<documentation>(?m:^)[ \t]*[rRuU]?(?P<fence>\"{3}|'{3})(?s:.*?)(?:(?P=fence)|\Z))"
    r"|(?P<quote>\"{3}|'{3})(?s:.*?)(?:(?P=quote)|\Z)|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|(?P<comment>\#[^\n]*)"
)


@dataclass(frozen=True)
class Remark:
    """Characters from `start` to `end`.  `needed`: without a statement in its place the code would not parse."""

    start: int
    end: int
    needed: bool = False


def remarks(source: str) -> list[Remark]:
    """Comments, and strings that stand for themselves as a statement, in order.  Of a file that cannot be parsed what
    looks like them: from a number sign outside of quotation marks on, and triple quotes at the beginning of a line.
    """
    module = parsed("remarks.py", source)
    if isinstance(module, Module) and "\r" not in source.replace("\r\n", ""):
        try:
            return sorted({*_comments(source), *_documentation(module)}, key=lambda remark: remark.start)
        except (tokenize.TokenError, IndentationError):
            pass
    return list(_looking_like_remarks(source))


def _looking_like_remarks(source: str) -> Iterator[Remark]:
    for found in _PIECES.finditer(source):
        for kind in ("documentation", "comment"):
            if found[kind]:
                indent = len(found[kind]) - len(found[kind].lstrip())
                yield Remark(found.start() + indent, found.end())


def _comments(source: str) -> Iterator[Remark]:
    starts = _line_starts(source)
    for token in tokenize.generate_tokens(io.StringIO(source, newline="\n").readline):
        if token.type == tokenize.COMMENT:
            start = starts[token.start[0] - 1] + token.start[1]
            yield Remark(start, start + len(token.string))


def _documentation(module: Module) -> Iterator[Remark]:
    lines, starts = module.source.split("\n"), _line_starts(module.source)

    def place(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    only = _only_statements(module)
    for node in module.nodes:
        if is_documentation(node):
            start, end = place(node.lineno, node.col_offset), place(node.end_lineno or 0, node.end_col_offset or 0)
            before = module.source[starts[node.lineno - 1] : start].strip()
            after = lines[(node.end_lineno or 0) - 1][end - starts[(node.end_lineno or 0) - 1] :].strip()
            yield Remark(start, end, node in only or bool(before) or after[:1] not in ("", "#"))


def is_documentation(node: ast.AST) -> TypeIs[ast.Expr]:
    """Whether it is a string that stands for itself as a statement."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _only_statements(module: Module) -> set[ast.AST]:
    """The first string of each block that has nothing else in it."""
    blocks = (
        block for node in module.nodes if node is not module.tree for _, block in ast.iter_fields(node)
        if isinstance(block, list)
    )  # fmt: skip
    return {block[0] for block in blocks if block and all(map(is_documentation, block))}


def _line_starts(source: str) -> list[int]:
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts
