"""Imports that lead nowhere, files that are missing, in the way, or never reached."""

import ast
import random

from benchmarks.checks.defect import Operator, defect
from benchmarks.checks.editing import inserted, replaced, sites, top_line
from benchmarks.checks.subjects import Subject
from papercoder.checks.imported import Import, imports_of
from papercoder.checks.module import parse
from papercoder.checks.repository import Repository

IMPORTS: dict[str, Operator] = {}


def _repository(subject: Subject) -> Repository:
    modules = {path: parse(path, text) for path, text in subject.files.items()}
    return Repository(subject.files, modules)


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


@defect(IMPORTS, "unresolved-import", "relative-import", "undeclared-package")
def wrong_import(subject: Subject, rng: random.Random) -> Subject | None:
    found = _local_import(subject, rng)
    if not found:
        return None
    path, node, _ = found
    names = ", ".join(ast.unparse(alias) for alias in node.names)
    new = f"from {'.' * node.level}{node.module or 'here'}_helpers import {names}"
    return subject.changed(path, replaced(subject.files[path], node, new))


@defect(IMPORTS, "missing-symbol")
def missing_symbol(subject: Subject, rng: random.Random) -> Subject | None:
    found = _local_import(subject, rng)
    if not found:
        return None
    path, node, item = found
    rest = ", ".join(ast.unparse(alias) for alias in node.names[1:])
    kept = f"{item.name}_v2 as {node.names[0].asname or item.name}" + (f", {rest}" if rest else "")
    new = f"from {'.' * node.level}{node.module or ''} import {kept}"
    return subject.changed(path, replaced(subject.files[path], node, new))


@defect(IMPORTS, "relative-import")
def relative_import_error(subject: Subject, rng: random.Random) -> Subject | None:
    path = rng.choice([path for path in sorted(subject.files) if path.endswith(".py")])
    dots = "." * (path.count("/") + 2)
    text = subject.files[path]
    return subject.changed(path, inserted(text, top_line(text), f"from {dots}common import helper"))


@defect(IMPORTS, "undeclared-package")
def undeclared_package(subject: Subject, rng: random.Random) -> Subject | None:
    path = rng.choice(sorted(subject.files))
    name = rng.choice(["sklearn", "cv2", "einops", "pytorch_lightning", "skimage", "tensorflow_probability"])
    text = subject.files[path]
    return subject.changed(path, inserted(text, top_line(text), f"import {name}"))


@defect(IMPORTS, "shadowed-module")
def shadowed_module(subject: Subject, rng: random.Random) -> Subject | None:
    name = rng.choice(["random.py", "torch/__init__.py", "logging.py", "numpy.py", "types.py", "yaml.py"])
    return subject.changed(name, "VALUE = 1\n")


@defect(IMPORTS, "import-cycle")
def cycle(subject: Subject, rng: random.Random) -> Subject | None:
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


@defect(IMPORTS, "orphan-file")
def orphan_file(subject: Subject, rng: random.Random) -> Subject | None:
    folder = rng.choice(sorted({path.rpartition("/")[0] for path in subject.files}))
    return subject.changed(f"{folder}/extra_tools.py".lstrip("/"), "def helper(x):\n    return x + 1\n")


@defect(IMPORTS, "missing-file", "unresolved-import", "missing-symbol")
def missing_file(subject: Subject, rng: random.Random) -> Subject | None:
    path = rng.choice([path for path in sorted(subject.files) if path not in ("main.py", "config.yaml")])
    changed = subject.changed(path, "")
    del changed.files[path]
    return changed
