"""Publishing the fixed paper's repository, with any part of it changed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.context import Material
from papercoder.publication import publish
from state.published import Published
from tests.publication.trees import Publish


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out" / "repository"


@pytest.fixture
def published(material: Material, code: dict[str, str], output: Path) -> Publish:
    def act(**changes: Any) -> Published:
        return publish(replace(material, **changes), code, output, "run-1")

    return act


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    assert not [path for path in tmp_path.rglob("*.partial") if path.exists()]
