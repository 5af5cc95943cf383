"""Rubrics: written by hand, drawn at random, and PaperBench's own where PAPERCODER_RUBRICS names their folder."""

from collections.abc import Callable
from typing import Any

import pytest

Tree = dict[str, Any]


@pytest.fixture(scope="session")
def leaf() -> Callable[..., Tree]:
    def make(name: str = "a", weight: float = 1, category: str = "Code Development") -> Tree:
        return {
            "id": name, "requirements": f"{name} is done", "weight": weight, "sub_tasks": [],
            "task_category": category, "finegrained_task_category": "Method Implementation",
        }  # fmt: skip

    return make


@pytest.fixture(scope="session")
def branch() -> Callable[..., Tree]:
    def make(*children: Tree, name: str = "b", weight: float = 1) -> Tree:
        return {
            "id": name, "requirements": f"{name} is done", "weight": weight, "sub_tasks": list(children),
            "task_category": None, "finegrained_task_category": None,
        }  # fmt: skip

    return make
