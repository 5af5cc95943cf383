"""Imports point down, models are called in one place, and our four generic package names are ours."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS: list[tuple[str, ...]] = [
    ("papercoder.__main__",),
    ("papercoder.cli",),
    ("papercoder.demo",),
    ("papercoder.runs", "papercoder.server"),
    ("papercoder.work", "papercoder.records"),
    ("graph",),
    ("papercoder.publication",),
    ("agents",),
    ("papercoder.models",),
    ("papercoder.tracing",),
    ("papercoder.storage",),
    ("papercoder.execution", "papercoder.provenance"),
    (
        "papercoder.documents",
        "papercoder.checks",
        "papercoder.edits",
        "papercoder.sandbox",
        "papercoder.evaluation",
        "papercoder.results",
        "papercoder.versions",
        "papercoder.policy",
    ),
    ("papercoder.addresses", "papercoder.texts", "papercoder.confinement"),
    ("prompts",),
    ("state",),
]
"""From the top down; what stands in one line does not import each other."""

PACKAGES = ("agents", "graph", "papercoder", "prompts", "state")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Modules of ours that a file imports when it runs; what it imports for type checkers alone does not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] in PACKAGES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            assert node.level == 0
            module = node.module or ""
            yield from (f"{module}.{name.name}" for name in node.names)


def layer(module: str) -> tuple[int, str] | None:
    """The layer's depth and the part of it that the module belongs to."""
    for depth, parts in enumerate(LAYERS):
        for part in parts:
            if module == part or module.startswith(part + "."):
                return depth, part
    return None


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_down(path: Path) -> None:
    module = module_of(path)
    own = layer(module)
    if module == "papercoder":
        assert not list(imports(path))
        return
    assert own, f"{module} has no place in the layers"
    for imported in imports(path):
        below = layer(imported)
        assert below, f"{imported} has no place in the layers"
        assert below[1] == own[1] or below[0] > own[0], f"{module} imports {imported}, which stands beside or above it"


def test_only_one_module_calls_models() -> None:
    only_looking = {"agents.model", "papercoder.cli.doctor", "papercoder.cli.checks"}  # is there a provider, a key?
    callers = {
        module_of(path)
        for path in FILES
        if any(name.startswith("papercoder.models.providers") for name in imports(path))
    }
    assert callers - only_looking == {"agents.exchange"}


@pytest.mark.parametrize("sdk", ["langchain_openai", "openai", "langchain_core.language_models"])
def test_only_the_providers_know_an_sdk(sdk: str) -> None:
    knowing = {
        module_of(path) for path in FILES if f"import {sdk}" in (text := path.read_text()) or f"from {sdk}" in text
    }
    assert knowing <= {"papercoder.models.providers", "papercoder.cli.checks"}


@pytest.mark.parametrize("package", ["agents", "graph", "state", "prompts", "papercoder"])
def test_a_package_is_this_repository_s(package: str) -> None:
    found = importlib.import_module(package).__file__
    assert found
    assert Path(found) == ROOT / package / "__init__.py"
