"""Names, members and methods that nobody defines, and calls that do not fit."""

import ast
import random
from copy import deepcopy
from functools import lru_cache

from benchmarks.checks.defect import Operator, defect
from benchmarks.checks.editing import replaced, segment, sites, tree_of
from benchmarks.checks.subjects import Subject

CALLS: dict[str, Operator] = {}


@defect(CALLS, "undefined-name")
def undefined_name(subject: Subject, rng: random.Random) -> Subject | None:
    for path, function in sites(subject, ast.FunctionDef, lambda node: len(node.body) > 2, rng):
        names = [n for n in ast.walk(function.body[-1]) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        annotated = isinstance(function.body[-1], ast.AnnAssign)
        if names and not annotated and segment(subject.files[path], names[0]) == names[0].id and not _catches(function):
            return subject.changed(path, replaced(subject.files[path], names[0], f"{names[0].id}_undefined"))
    return None


def _catches(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, (ast.Try, ast.JoinedStr)) for node in ast.walk(function))


@defect(CALLS, "missing-attribute")
def missing_module_member(subject: Subject, rng: random.Random) -> Subject | None:
    path = rng.choice(sorted(subject.files))
    text = subject.files[path] + "\n\ndef _extra(path):\n    import json\n\n    return json.read(path)\n"
    return subject.changed(path, text)


@defect(CALLS, "undefined-method", "missing-attribute")
def undefined_method(subject: Subject, rng: random.Random) -> Subject | None:
    """`self.method()` is called under a name that the class does not have."""
    for path, cls in sites(subject, ast.ClassDef, lambda node: not node.decorator_list, rng):
        own = {node.name for node in cls.body if isinstance(node, ast.FunctionDef)}
        if "__getattr__" in own or not _is_judged(cls, subject):
            continue
        for node in (call for call in ast.walk(cls) if isinstance(call, ast.Call)):
            match node.func:
                case ast.Attribute(value=ast.Name(id="self"), attr=name) as used if name in own:
                    new = f"self.{name}_missing"
                    return subject.changed(path, replaced(subject.files[path], used, new))
    return None


@lru_cache(maxsize=4)
def _classes(texts: tuple[str, ...]) -> set[str]:
    return {node.name for text in texts for node in ast.walk(tree_of(text)) if isinstance(node, ast.ClassDef)}


def _is_judged(cls: ast.ClassDef, subject: Subject) -> bool:
    """Whether all bases are known: classes of the repository, built-in ones, or a framework's modules."""
    known = {*_classes(tuple(subject.files.values())), "object", "Module", "Exception", "ValueError", "Dataset"}
    return all(ast.unparse(base).rpartition(".")[2] in known for base in cls.bases)


@lru_cache(maxsize=4)
def _functions(text: str) -> dict[str, ast.FunctionDef]:
    """The undecorated functions of a file whose names nothing else binds."""
    tree = tree_of(text)
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    found = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef) and not n.decorator_list}
    return {name: node for name, node in found.items() if name not in stored and not node.args.kwarg}


def _direct_calls(subject: Subject, rng: random.Random) -> list[tuple[str, ast.Call, ast.FunctionDef]]:
    """Calls of plain functions of the same file, where every argument is written out."""
    found = []
    for path, call in sites(subject, ast.Call, lambda node: isinstance(node.func, ast.Name), rng):
        functions = _functions(subject.files[path])
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        starred = any(isinstance(a, ast.Starred) for a in call.args) or any(not k.arg for k in call.keywords)
        if name in functions and not starred:
            found.append((path, deepcopy(call), functions[name]))
            if len(found) > 20:
                break
    return found


@defect(CALLS, "wrong-call")
def wrong_keyword_argument(subject: Subject, rng: random.Random) -> Subject | None:
    for path, call, _ in _direct_calls(subject, rng):
        call.keywords.append(ast.keyword("bogus_option", ast.Constant(1)))
        return subject.changed(path, replaced(subject.files[path], call, ast.unparse(call)))
    return None


@defect(CALLS, "wrong-call")
def missing_argument(subject: Subject, rng: random.Random) -> Subject | None:
    for path, call, function in _direct_calls(subject, rng):
        required = len(function.args.args) - len(function.args.defaults)
        if call.args and len(call.args) <= required and not call.keywords:
            call.args.pop()
            return subject.changed(path, replaced(subject.files[path], call, ast.unparse(call)))
    return None


@defect(CALLS, "wrong-call", "broken-contract")
def changed_signature(subject: Subject, rng: random.Random) -> Subject | None:
    for path, _, function in _direct_calls(subject, rng):
        lines = subject.files[path].splitlines(keepends=True)
        head = lines[function.lineno - 1]
        if function.args.args and not function.args.posonlyargs and "(" in head:
            lines[function.lineno - 1] = head.replace("(", "(extra_input, ", 1)
            return subject.changed(path, "".join(lines))
    return None
