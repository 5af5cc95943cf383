"""A symbol of the repository as the lines that define it, to the letter."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import dedent

from papercoder.checks.definitions import flattened
from papercoder.checks.module import FUNCTIONS, Unreadable, parse

DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
SEPARATOR = "::"


@dataclass(frozen=True)
class Excerpt:
    """Lines `first` to `last` of a file, counted from 1, without their common indentation."""

    path: str
    name: str
    first: int
    last: int
    text: str


def excerpt(reference: str, code: Mapping[str, str]) -> Excerpt | None:
    """What `src/model.py::Ridge.fit` names; comments and decorators right above it belong to it."""
    path, _, name = reference.partition(SEPARATOR)
    node = _symbols(path, code).get(name)
    if node is None:
        return None
    lines = code[path].split("\n")
    first, last = _first(node, lines), node.end_lineno or node.lineno
    return Excerpt(path, name, first, last, dedent("\n".join(lines[first - 1 : last])))


def excerpt_problem(reference: str, code: Mapping[str, str]) -> str:
    """Why the reference names nothing, as a sentence; empty if it names a symbol."""
    path, _, name = reference.partition(SEPARATOR)
    if excerpt(reference, code):
        return ""
    if path not in code:
        close = get_close_matches(path, code, n=1)
        return f"There is no file {path!r}{f'; is it {close[0]}?' if close else '.'}"
    close = get_close_matches(name, _symbols(path, code), n=1)
    return f"{path} defines no {name!r}{f'; is it {close[0]}?' if close else '.'}"


def located(name: str, code: Mapping[str, str]) -> str:
    """The reference of a bare name such as `Ridge.fit`; the name itself where no file or several define it."""
    found = [f"{path}{SEPARATOR}{name}" for path in sorted(code) if name in _symbols(path, code)]
    return found[0] if len(found) == 1 else name


def _symbols(path: str, code: Mapping[str, str]) -> dict[str, ast.stmt]:
    """Functions, classes, methods and constants of a file by their dotted names; of several the last."""
    try:
        return dict(_named(parse(path, code[path]).tree.body, "")) if path.endswith(".py") and path in code else {}
    except Unreadable:
        return {}


def _named(body: list[ast.stmt], owner: str) -> Iterator[tuple[str, ast.stmt]]:
    for node in flattened(body):
        if isinstance(node, DEFINITIONS):
            yield owner + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from _named(node.body, f"{owner}{node.name}.")
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            yield from ((owner + target.id, node) for target in targets if isinstance(target, ast.Name))


def _first(node: ast.stmt, lines: list[str]) -> int:
    """With decorators, and with the comment above, which often cites the paper."""
    decorators = node.decorator_list if isinstance(node, DEFINITIONS) else []
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    while first > 1 and lines[first - 2].lstrip().startswith("#"):
        first -= 1
    return first
