"""A Python file as the checks see it: parsed once, with the questions that several of them ask."""

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from state.paths import module_name

MAX_DEPTH = 400
"""Nesting of a syntax tree beyond which recursive checks are not safe; people write less than 60."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Unreadable(ValueError):
    """Why Python would refuse the file, and where (line 0: nowhere in particular)."""

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True)
class Module:
    """A file that parses.  `name` is None if Python cannot import it under any name."""

    path: str
    source: str
    tree: ast.Module

    @cached_property
    def name(self) -> str | None:
        return module_name(self.path)

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")

    @property
    def is_test(self) -> bool:
        *folders, file = self.path.split("/")
        return (
            "tests" in folders
            or "test" in folders
            or file.startswith("test_")
            or file.endswith(("_test.py", "conftest.py"))
        )

    @cached_property
    def package(self) -> str:
        """The package that relative imports start from; empty at the repository's root."""
        name = self.name or ""
        if self.path == "__init__.py":
            return ""
        return name if self.is_package else name.rpartition(".")[0]

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def classes(self) -> list[ast.ClassDef]:
        return [node for node in self.nodes if isinstance(node, ast.ClassDef)]

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in self.nodes if isinstance(node, FUNCTIONS)]

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}

    @cached_property
    def docstrings(self) -> set[ast.AST]:
        """The constants that are documentation: strings that stand for themselves as a statement."""
        return {
            node.value for node in self.nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }

    @cached_property
    def words(self) -> frozenset[str]:
        """Whatever may name a setting: strings, attributes, keywords, parameters, fields."""
        found: set[str] = set()
        for node in self.nodes:
            match node:
                case ast.Constant(value=str() as text) if node not in self.docstrings and len(text) < 200:
                    found |= set(re.findall(r"[\w-]+", text))
                case ast.Attribute(attr=name) | ast.keyword(arg=str() as name) | ast.arg(arg=name):
                    found.add(name)
                case ast.AnnAssign(target=ast.Name(id=name)):
                    found.add(name)
        return frozenset(found)

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        """Comments with their line numbers, as far as the tokenizer goes along with the parser."""
        found = []
        try:
            for token in tokenize.generate_tokens(io.StringIO(self.source).readline):
                if token.type == tokenize.COMMENT:
                    found.append((token.start[0], token.string))
        except (tokenize.TokenError, IndentationError):
            return found
        return found

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around one, nearest first."""
        while parent := self.parents.get(node):
            yield parent
            node = parent


@lru_cache(maxsize=512)
def parse(path: str, source: str) -> Module:
    """The file, parsed; raises `Unreadable`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in generated code is not our user's business
            tree = ast.parse(source, path)
    except SyntaxError as error:
        raise Unreadable(f"{path} is not valid Python: {error.msg}.", error.lineno or 0) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"{path} is not valid Python: {error}.") from error
    if _depth(tree) > MAX_DEPTH:
        raise Unreadable(f"{path} nests its expressions more than {MAX_DEPTH} levels deep.")
    return Module(path, source, tree)


def _depth(tree: ast.AST) -> int:
    deepest, level = 0, [tree]
    while level and deepest <= MAX_DEPTH:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        deepest += 1
    return deepest


def dotted(node: ast.expr) -> str:
    """`torch.nn.Module` as it is written; empty for anything but names and attributes."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def last_name(node: ast.expr) -> str:
    """`Module` of `torch.nn.Module`, `field` of `field(...)`, `Generic` of `Generic[T]`."""
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
