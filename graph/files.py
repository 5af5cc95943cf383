"""The files of a repository on their way through coding, side by side as far as their dependencies allow.

Of each file first the analysis is reviewed, then the code is written and reviewed: one file's slow loop holds up only
those that build on it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langgraph.runtime import Runtime

from agents.analyst import analyst
from agents.author import VERSIONS, Author
from agents.coder import coder
from agents.context import Material
from agents.editable_texts import ADDED
from agents.events import emit_event
from agents.refining import Authored
from graph import dataflow
from graph.material import store_of
from graph.refinement import refined
from papercoder.storage.bodies import put_body
from state.body import Body
from state.context import AnyStage, Context
from state.events import FileFinished
from state.review import Finding

ANALYSIS = "analysis of "


@dataclass(frozen=True)
class Standing:
    """A repository that is there already.  Files without `findings` stay as they are, to the letter.

    Of the others those that are `redesigned` are thought through again, too.
    """

    code: Mapping[str, str]
    findings: Mapping[str, Sequence[Finding]]
    redesigned: Collection[str]


NOTHING = Standing({}, {}, ())


@dataclass
class Files:
    """What coding makes: `code` and `analyses` by path, `critiques` by what they are of.

    Of a repository that is there already they hold what is made anew.
    """

    runtime: Runtime[Context]
    material: Material
    graph: Any
    standing: Standing = NOTHING
    stage: AnyStage = "coding"
    code: dict[str, Body] = field(default_factory=dict)
    analyses: dict[str, Body] = field(default_factory=dict)
    critiques: dict[str, Body] = field(default_factory=dict)

    async def written(self) -> dict[str, str]:
        """The content of every file, dependencies first."""
        assert self.material.logic
        dependencies = self.material.logic.dependencies()
        order = self.material.logic.order()
        steps: dict[str, list[str]] = {ANALYSIS + path: [] for path in order}
        steps |= {path: [ANALYSIS + path, *dependencies[path]] for path in order}
        texts = await dataflow.along(steps, self._step)
        self.code = {path: self.code[path] for path in order if path in self.code}
        return {path: texts[path] for path in order}

    async def _step(self, step: str, done: Mapping[str, str]) -> str:
        if step.startswith(ANALYSIS):
            return await self._analysed(step.removeprefix(ANALYSIS))
        return await self._coded(step, done)

    async def _analysed(self, path: str) -> str:
        """The file's analysis, revised if its critic found something."""
        author = analyst(self.material, path)
        if path in self.standing.code:
            standing = self.material.analyses.get(path, ADDED)  # nobody has thought a file through that a repair added
            if path not in self.standing.redesigned:
                return standing
            author = self._beginning_with(author, standing, path)
        text = await self._refined(f"analysis of {path}", author)
        self.analyses[path] = await put_body(store_of(self.runtime), text)
        return text

    async def _coded(self, path: str, done: Mapping[str, str]) -> str:
        standing = self.standing.code.get(path)
        if standing is not None and not self.standing.findings.get(path):
            return standing
        analyses = {**self.material.analyses, path: done[ANALYSIS + path]}
        author = coder(replace(self.material, analyses=analyses), path, done)
        if standing is not None:
            author = self._beginning_with(author, standing, path)
        text = await self._refined(f"coding of {path}", author)
        self.code[path] = await put_body(store_of(self.runtime), text)
        emit_event(self.runtime.stream_writer, FileFinished(stage=self.stage, file=path))
        return text

    def _beginning_with(self, author: Author[str], text: str, path: str) -> Author[str]:
        return author.beginning_with(text, self.standing.findings[path], self.material.revision * VERSIONS)

    async def _refined(self, name: str, author: Author[str]) -> str:
        text, critique = await refined(self.graph, Authored(self.runtime, author))
        self.critiques[name] = await put_body(store_of(self.runtime), critique.model_dump_json())
        return text
