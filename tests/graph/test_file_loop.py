"""One file's way through coding: what a check finds goes back, and the best version is kept."""

from types import SimpleNamespace
from typing import Any

import pytest

from agents import coder
from graph.file import FILE, FileWork, coded
from papercoder.checks import Design
from state.artifacts import Architecture, FileContract, Symbol
from state.context import Context

CONTRACT = FileContract(
    path="model.py",
    purpose="",
    symbols=[
        Symbol(name=name, signature=f"def {name}()", purpose="", source=[]) for name in ("fit", "predict", "load")
    ],
)


def file(*names: str) -> str:
    return "".join(f"def {name}():\n    return 1\n" for name in names)


NONE, ONE, TWO, ALL = file(), file("fit"), file("fit", "load"), file("fit", "load", "predict")


class Author:
    """Writes these versions one after the other, and remembers what was found in each."""

    def __init__(self, *versions: str) -> None:
        self.versions = list(versions)
        self.told: list[tuple[str, int]] = []

    async def write(self, *_: Any) -> str:
        return self.versions.pop(0)

    async def revise(self, _run: Any, _material: Any, _path: str, _code: Any, content: str, review: Any) -> str:
        self.told.append((content, len(review.findings)))
        return self.versions.pop(0)


@pytest.mark.parametrize(
    ("versions", "rounds", "kept", "told"),
    [
        ([ALL], 1, ALL, []),
        ([NONE, ALL], 1, ALL, [(NONE, 3)]),
        ([NONE], 0, NONE, []),
        ([NONE, ONE], 1, ONE, [(NONE, 3)]),
        ([NONE, ONE, TWO, ALL], 5, ALL, [(NONE, 3), (ONE, 2), (TWO, 1)]),
        ([ONE, NONE], 5, ONE, [(ONE, 2)]),  # a revision that is no better ends the loop
        ([ONE, ONE], 5, ONE, [(ONE, 2)]),
    ],
)
async def test_findings_go_back_while_versions_get_better_and_rounds_are_left(
    monkeypatch: pytest.MonkeyPatch, versions: list[str], rounds: int, kept: str, told: list[tuple[str, int]]
) -> None:
    author, events = Author(*versions), []
    monkeypatch.setattr(coder, "write", author.write)
    monkeypatch.setattr(coder, "revise", author.revise)
    architecture = Architecture(approach="", files=[CONTRACT], entry_point="model.py")
    run: Any = SimpleNamespace(context=Context(rounds=rounds), stream_writer=events.append)
    material: Any = SimpleNamespace(design=Design(architecture))

    assert await coded(FILE, FileWork(run, material, {}), "model.py") == kept
    assert author.told == told
    assert author.versions == []
    assert [event["text"].split(": ")[0] for event in events] == ["coding of model.py"] * (3 - kept.count("def"))
