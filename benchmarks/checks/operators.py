"""Defects, one a function: a correct repository in, a broken one out, or None where the repository has no place for it.

Each says under which rules it counts as caught.
"""

import ast
import random
import re
from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache
from typing import NamedTuple

from benchmarks.checks.editing import first_line, inserted, replaced, segment, sites, top_line, tree_of
from benchmarks.checks.subjects import Subject
from papercoder.checks.imported import Import, imports_of
from papercoder.checks.module import parse
from papercoder.checks.repository import Repository

Mutate = Callable[[Subject, random.Random], Subject | None]


class Operator(NamedTuple):
    mutate: Mutate
    rules: frozenset[str]


OPERATORS: dict[str, Operator] = {}


def _operator(*rules: str) -> Callable[[Mutate], Mutate]:
    def register(mutate: Mutate) -> Mutate:
        OPERATORS[mutate.__name__.strip("_").replace("_", " ")] = Operator(mutate, frozenset(rules))
        return mutate

    return register


def _repository(subject: Subject) -> Repository:
    modules = {path: parse(path, text) for path, text in subject.files.items()}
    return Repository(subject.files, modules)


# --- imports


def _local_import(subject: Subject, rng: random.Random) -> tuple[str, ast.ImportFrom, Import] | None:
    """A plain `from local import name`, not guarded, whose failure would be one."""
    repository = _repository(subject)
    for path, node in sites(subject, ast.ImportFrom, lambda node: node.names[0].name != "*", rng):
        module = repository.modules[path]
        for item in imports_of(module):
            plain = not (item.guarded or item.typing_only) and repository.has(item.module)
            if item.line == node.lineno and plain and item.name == node.names[0].name:
                return path, node, item
    return None


@_operator("unresolved-import", "relative-import", "undeclared-package")
def _wrong_import(subject: Subject, rng: random.Random) -> Subject | None:
    found = _local_import(subject, rng)
    if not found:
        return None
    path, node, _ = found
    names = ", ".join(ast.unparse(alias) for alias in node.names)
    new = f"from {'.' * node.level}{node.module or 'here'}_helpers import {names}"
    return subject.changed(path, replaced(subject.files[path], node, new))


@_operator("missing-symbol")
def _missing_symbol(subject: Subject, rng: random.Random) -> Subject | None:
    found = _local_import(subject, rng)
    if not found:
        return None
    path, node, item = found
    rest = ", ".join(ast.unparse(alias) for alias in node.names[1:])
    kept = f"{item.name}_v2 as {node.names[0].asname or item.name}" + (f", {rest}" if rest else "")
    new = f"from {'.' * node.level}{node.module or ''} import {kept}"
    return subject.changed(path, replaced(subject.files[path], node, new))


@_operator("relative-import")
def _relative_import_error(subject: Subject, rng: random.Random) -> Subject | None:
    path = rng.choice([path for path in sorted(subject.files) if path.endswith(".py")])
    dots = "." * (path.count("/") + 2)
    text = subject.files[path]
    return subject.changed(path, inserted(text, top_line(text), f"from {dots}common import helper"))


@_operator("undeclared-package")
def _undeclared_package(subject: Subject, rng: random.Random) -> Subject | None:
    path = rng.choice(sorted(subject.files))
    name = rng.choice(["sklearn", "cv2", "einops", "pytorch_lightning", "skimage", "tensorflow_probability"])
    text = subject.files[path]
    return subject.changed(path, inserted(text, top_line(text), f"import {name}"))


@_operator("shadowed-module")
def _shadowed_module(subject: Subject, rng: random.Random) -> Subject | None:
    name = rng.choice(["random.py", "torch/__init__.py", "logging.py", "numpy.py", "types.py", "yaml.py"])
    return subject.changed(name, "VALUE = 1\n")


@_operator("import-cycle")
def _cycle(subject: Subject, rng: random.Random) -> Subject | None:
    """A file imports, at its top, a name from a file that imports it and has not got that far."""
    repository = _repository(subject)
    for path, node in sites(subject, ast.FunctionDef, lambda node: node.col_offset == 0, rng):
        module = repository.modules[path]
        for item in imports_of(module):
            lower = repository.module(item.module)
            plain = not (item.guarded or item.typing_only or item.deferred) and item.line < node.lineno
            if (
                lower
                and plain
                and lower.path != path
                and not lower.is_package
                and module.name
                and not module.is_package
            ):
                text = inserted(lower.source, top_line(lower.source), f"from {module.name} import {node.name}")
                return subject.changed(lower.path, text)
    return None


@_operator("orphan-file")
def _orphan_file(subject: Subject, rng: random.Random) -> Subject | None:
    folder = rng.choice(sorted({path.rpartition("/")[0] for path in subject.files}))
    return subject.changed(f"{folder}/extra_tools.py".lstrip("/"), "def helper(x):\n    return x + 1\n")


@_operator("missing-file", "unresolved-import", "missing-symbol")
def _missing_file(subject: Subject, rng: random.Random) -> Subject | None:
    path = rng.choice([path for path in sorted(subject.files) if path not in ("main.py", "config.yaml")])
    changed = subject.changed(path, "")
    del changed.files[path]
    return changed


# --- names and calls


@_operator("undefined-name")
def _undefined_name(subject: Subject, rng: random.Random) -> Subject | None:
    for path, function in sites(subject, ast.FunctionDef, lambda node: len(node.body) > 2, rng):
        names = [n for n in ast.walk(function.body[-1]) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        annotated = isinstance(function.body[-1], ast.AnnAssign)
        if names and not annotated and segment(subject.files[path], names[0]) == names[0].id and not _catches(function):
            return subject.changed(path, replaced(subject.files[path], names[0], f"{names[0].id}_undefined"))
    return None


def _catches(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, (ast.Try, ast.JoinedStr)) for node in ast.walk(function))


@_operator("missing-attribute")
def _missing_module_member(subject: Subject, rng: random.Random) -> Subject | None:
    path = rng.choice(sorted(subject.files))
    text = subject.files[path] + "\n\ndef _extra(path):\n    import json\n\n    return json.read(path)\n"
    return subject.changed(path, text)


@_operator("undefined-method", "missing-attribute")
def _undefined_method(subject: Subject, rng: random.Random) -> Subject | None:
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


@_operator("wrong-call")
def _wrong_keyword_argument(subject: Subject, rng: random.Random) -> Subject | None:
    for path, call, _ in _direct_calls(subject, rng):
        call.keywords.append(ast.keyword("bogus_option", ast.Constant(1)))
        return subject.changed(path, replaced(subject.files[path], call, ast.unparse(call)))
    return None


@_operator("wrong-call")
def _missing_argument(subject: Subject, rng: random.Random) -> Subject | None:
    for path, call, function in _direct_calls(subject, rng):
        required = len(function.args.args) - len(function.args.defaults)
        if call.args and len(call.args) <= required and not call.keywords:
            call.args.pop()
            return subject.changed(path, replaced(subject.files[path], call, ast.unparse(call)))
    return None


@_operator("wrong-call", "broken-contract")
def _changed_signature(subject: Subject, rng: random.Random) -> Subject | None:
    for path, _, function in _direct_calls(subject, rng):
        lines = subject.files[path].splitlines(keepends=True)
        head = lines[function.lineno - 1]
        if function.args.args and not function.args.posonlyargs and "(" in head:
            lines[function.lineno - 1] = head.replace("(", "(extra_input, ", 1)
            return subject.changed(path, "".join(lines))
    return None


# --- contracts and bodies


@_operator("broken-contract")
def _contract_broken(subject: Subject, rng: random.Random) -> Subject | None:
    def public(node: ast.FunctionDef) -> bool:
        return node.col_offset == 0 and not node.name.startswith("_")

    for path, node in sites(subject, ast.FunctionDef, public, rng):
        text = subject.files[path]
        if len(re.findall(rf"\b{node.name}\b *=|import.*\b{node.name}\b|def {node.name}\b", text)) == 1:
            return subject.changed(path, re.sub(rf"\bdef {node.name}\b", f"def {node.name}_renamed", text))
    return None


@_operator("broken-contract")
def _parameter_renamed(subject: Subject, rng: random.Random) -> Subject | None:
    def plain(node: ast.FunctionDef) -> bool:
        return node.col_offset == 0 and not node.name.startswith("_") and bool(node.args.args) and not node.args.kwarg

    for path, node in sites(subject, ast.FunctionDef, plain, rng):
        text, first = subject.files[path], node.args.args[0].arg
        same = [n for n in tree_of(text).body if getattr(n, "name", "") == node.name]
        if len(same) == 1 and not node.args.vararg:
            line = text.splitlines(keepends=True)[node.args.args[0].lineno - 1]
            new = (
                line[: node.args.args[0].col_offset]
                + f"{first}_new"
                + line[node.args.args[0].col_offset + len(first) :]
            )
            lines = text.splitlines(keepends=True)
            lines[node.args.args[0].lineno - 1] = new
            return subject.changed(path, "".join(lines))
    return None


def _hollowed(body: str) -> Mutate:
    def mutate(subject: Subject, rng: random.Random) -> Subject | None:
        def worth(node: ast.FunctionDef) -> bool:
            real = len(node.body) > 2 and not node.name.startswith("__") and not node.decorator_list
            return real and node.col_offset == 0

        for path, node in sites(subject, ast.FunctionDef, worth, rng):
            text = subject.files[path]
            line, indent = first_line(node)
            lines = text.splitlines(keepends=True)
            assert node.end_lineno
            return subject.changed(path, "".join([*lines[: line - 1], f"{indent}{body}\n", *lines[node.end_lineno :]]))
        return None

    return mutate


OPERATORS["emptied body (pass)"] = Operator(_hollowed("pass"), frozenset({"unfinished"}))
OPERATORS["emptied body (...)"] = Operator(_hollowed("..."), frozenset({"unfinished"}))
OPERATORS["NotImplementedError body"] = Operator(
    _hollowed('raise NotImplementedError("later")'), frozenset({"unfinished"})
)


def _line_in_function(*choices: str) -> Mutate:
    def mutate(subject: Subject, rng: random.Random) -> Subject | None:
        for path, node in sites(subject, ast.FunctionDef, lambda node: node.body[0].lineno > node.lineno, rng):
            line, indent = first_line(node)
            docstring = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
            if not docstring:
                return subject.changed(path, inserted(subject.files[path], line, indent + rng.choice(choices)))
        return None

    return mutate


OPERATORS["placeholder comment"] = Operator(
    _line_in_function("# TODO: implement the real loss", "# Your code here", "# placeholder for the actual model"),
    frozenset({"placeholder-comment"}),
)
OPERATORS["citation to nowhere"] = Operator(
    _line_in_function("# §9.9, Eq. 99 [E99]", "# Table 7 [T7]", "# §3.2 [S3.2.p9]"), frozenset({"unknown-citation"})
)
OPERATORS["hyperparameter literal"] = Operator(
    _line_in_function(
        "learning_rate = 3e-4", "options = dict(dropout=0.3)", "batch_size = 128", "weight_decay = -1e-4"
    ),
    frozenset({"hyperparameter-literal"}),
)
OPERATORS["copied result"] = Operator(
    _line_in_function("accuracy = 93.41", 'print("BLEU 28.4")', "errors = [0.8731]", "bleu: float = 28.4"),
    frozenset({"copied-result"}),
)
OPERATORS["syntax error"] = Operator(
    _line_in_function("x = (1,", "if True print(1)", "return return"), frozenset({"syntax-error"})
)


# --- settings


@_operator("undefined-setting")
def _config_key_typo(subject: Subject, rng: random.Random) -> Subject | None:
    keys = ["learning_rate", "batch_size", "hidden_size"]
    rng.shuffle(keys)
    for path in sorted(subject.files):
        text = subject.files[path]
        for key in keys:
            spelled = re.search(rf'(?:\["|\.get\("|training\.|model\.){key}\b', text)
            if spelled:
                typo = spelled.group().replace(key, key[:-2] + key[-1])
                return subject.changed(path, text.replace(spelled.group(), typo, 1))
    return None


@_operator("unused-setting")
def _setting_never_read(subject: Subject, rng: random.Random) -> Subject | None:
    for path in sorted(subject.files):
        text = subject.files[path]
        if re.search(r'(?:\["|training\.)batch_size\b"?\]?', text) and path == "main.py":
            constant = re.sub(r'(?:\w+\.)*\w+(?:\["\w+"\])*(?:\["|\.)batch_size(?:"\])?', "1", text)
            return subject.changed(path, constant) if "batch_size" not in constant else None
    return None
