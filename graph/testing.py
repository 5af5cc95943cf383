"""Tests on their way: of each file that can be tested from the paper, all side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langgraph.runtime import Runtime

from agents.author import VERSIONS, Author
from agents.context import Material
from agents.events import emit_event
from agents.refining import Authored
from agents.tester import places, tested, tester
from graph import dataflow
from graph.material import store_of
from graph.refinement import refined
from papercoder.checks.paper_tests import tests_in
from papercoder.storage.bodies import put_body
from state.body import Body
from state.context import AnyStage, Context
from state.errors import AnswerUnusable
from state.events import FileFinished, Warned
from state.review import Finding


@dataclass
class Testing:
    """What testing makes: `kept` by the tests' own paths, `critiques` by what they are of.

    With `findings`, by the file that the tests are of, only those are written, again where they are there.
    """

    runtime: Runtime[Context]
    material: Material
    graph: Any
    findings: Mapping[str, Sequence[Finding]] | None = None
    stage: AnyStage = "testing"
    kept: dict[str, Body] = field(default_factory=dict)
    critiques: dict[str, Body] = field(default_factory=dict)
    number: int = 0
    untested: list[str] = field(default_factory=list)  # files of which nothing can be tested, or was

    @property
    def paths(self) -> list[str]:
        """The files to test."""
        return [path for path in tested(self.material) if self.findings is None or path in self.findings]

    @property
    def changes(self) -> dict[str, Body | None]:
        """Those that an earlier design had and this one has not are gone."""
        names = places(self.material.architecture) if self.material.architecture else {}
        standing = {names[path] for path in names if self.findings is not None and path not in self.findings}
        return {**dict.fromkeys(set(self.material.tests) - standing, None), **self.kept}

    async def all(self) -> None:
        """The tests of every file, in the order of the files."""
        assert self.material.architecture
        names = places(self.material.architecture, self.material.base)
        texts = await dataflow.each(self.paths, self._written)
        for path, text in texts.items():
            if text:
                self.kept[names[path]] = await put_body(store_of(self.runtime), text)
                self.number += len(tests_in(text))
            else:
                self.untested.append(path)

    async def _written(self, path: str) -> str:
        """Those of one file; none where the tester has nothing that runs."""
        emit = self.runtime.stream_writer
        try:
            text, critique = await refined(self.graph, Authored(self.runtime, self._author(path)))
        except AnswerUnusable as error:
            emit_event(emit, Warned(text=f"{error.cause} There are no tests of {path}."))
            return ""
        self.critiques[f"testing of {path}"] = await put_body(store_of(self.runtime), critique.model_dump_json())
        emit_event(emit, FileFinished(stage=self.stage, file=path))
        if any(finding.severity == "high" for finding in critique.open):
            emit_event(emit, Warned(text=f"The tests of {path} are left out: {critique.open[0].problem}"))
            return ""
        return text

    def _author(self, path: str) -> Author[str]:
        assert self.material.architecture
        author = tester(self.material, path)
        before = self.material.tests.get(places(self.material.architecture)[path])
        if not (before and self.findings):
            return author
        return author.beginning_with(before, self.findings[path], self.material.revision * VERSIONS)
