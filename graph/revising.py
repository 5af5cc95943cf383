"""A finished repository on its way through revision: a remark becomes changes, and only what they concern is made anew.

The reviser says which places have to change.  Requirements are amended as it says; the artifacts of the design go back
to their own authors, one after the other, each with what was found and with what no longer fits what the others became;
then the files that all this concerns are written again along their dependencies.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore

from agents.affected import Affected, Asked, affected, misfits
from agents.amending import amended
from agents.architect import architect
from agents.author import Author
from agents.configurator import configurator
from agents.context import Material
from agents.debugger import checked
from agents.logic_designer import logic_designer
from agents.model import ask
from agents.planner import planner
from agents.refining import Authored
from agents.reviser import Change, Changes, Place, deviation_of, finding_of, reviser
from graph.files import Files, Standing
from graph.material import agreed, bodies, store_of, typed
from graph.refinement import refined
from graph.testing import Testing
from papercoder.checks import Stage as Designed
from papercoder.storage.bodies import get_body, put_body
from state.assessment import Coverage
from state.body import Body
from state.context import Context
from state.errors import InputError
from state.pipeline import PipelineState, review_of, revision_at_work, revisions_of
from state.review import Finding, Review
from state.revision import MOST_CHARACTERS, Before, Deviation, Revision

AUTHORS: dict[Designed, tuple[str, Callable[[Material], Author[Any]]]] = {
    "planning": ("plan", planner),
    "architecture": ("architecture", architect),
    "logic": ("logic", logic_designer),
    "configuration": ("configuration", configurator),
}
"""By stage: the artifact's place in the state, and who writes it; each builds on those before it."""


def remark_in(state: PipelineState) -> str:
    """What the user wants.  `InputError` where nothing is finished that it could be about."""
    if not state.get("published"):
        raise InputError(
            "There is no finished repository that a remark could be about.",
            "Go on from the checkpoint before the remark, let the run come to its end, and then give it.",
        )
    return check_remark(state.get("remark") or "")


def check_remark(remark: str) -> str:
    """The remark, without space around it.  `InputError` where it is none, or too long."""
    if not remark.strip():
        raise InputError("The remark is empty.", "Say what shall be different.")
    if len(remark) > MOST_CHARACTERS:
        raise InputError(
            f"The remark has {len(remark):,} characters; {MOST_CHARACTERS:,} are allowed.",
            "Ask for one thing after the other.",
        )
    return remark.strip()


async def before_revision(state: PipelineState, store: BaseStore) -> Before | None:
    """The code as it was before the revision that is at work; None where none is."""
    revision = revision_at_work(state)
    return Before.model_validate_json(await get_body(store, revision.before)) if revision and revision.before else None


async def revisions_told(state: PipelineState, material: Material, store: BaseStore) -> list[Revision]:
    """All so far; of the one at work, the files that it has changed in the end."""
    told, before = revisions_of(state), await before_revision(state, store)
    if before:
        files = _hashes(state)
        there = [*material.paths, *sorted(material.tests)]
        changed = tuple(path for path in there if before.files.get(path) != files.get(path))
        removed = tuple(path for path in before.files if path not in there)
        told[-1] = told[-1].model_copy(update={"files": changed, "removed": removed})
    return told


def settled(before: Before | None, state: PipelineState, material: Material) -> frozenset[str]:
    """Requirements that were not met before the revision at work, and are none of its business."""
    coverage, revision = typed(Coverage, state.get("coverage")), revision_at_work(state)
    if not (before and coverage and revision):
        return frozenset()
    files = _hashes(state)
    changed = {path for path in material.paths if before.files.get(path) != files.get(path)}
    lacking = {verdict.requirement for verdict in coverage.verdicts if verdict.credit < 1}
    concerned = {id for path in changed for id in material.contract(path).requirements} | set(revision.requirements)
    return frozenset(lacking - concerned)


@dataclass
class Revising:
    """One remark's way.  `material` and `code` are of the repository as it is; `changes` is what the state becomes."""

    runtime: Runtime[Context]
    state: PipelineState
    material: Material
    code: Mapping[str, str]
    graph: Any
    before: Sequence[Revision]
    remark: str
    changes: dict[str, Any] = field(default_factory=dict)
    critiques: dict[str, Body] = field(default_factory=dict)

    async def revised(self) -> Revision:
        """What came of it; where nothing is to be changed, the answer alone."""
        asked = await ask(self.runtime, reviser(self.material, self.code, self.remark, self.before))
        if not asked.changes:
            return Revision(remark=self.remark, answer=asked.answer, published=True)
        return await self._carried_out(asked)

    async def _carried_out(self, asked: Changes) -> Revision:
        deviations = tuple(deviation_of(change, self.remark) for change in asked.changes if change.paper.strip())
        design, requirements = await self._designed(asked.changes, deviations)
        wanted = Asked(_by_file(asked.changes, "file"), _by_file(asked.changes, "tests"))
        concerned = affected(self.material, design, self.code, wanted, requirements)
        if self.runtime.context.tests:
            await self._tested(design, concerned)
        await self._written(design, concerned)
        if requirements:
            self.changes["specification"] = design.specification
        return Revision(
            remark=self.remark,
            answer=asked.answer,
            artifacts=tuple(stage for stage, (name, _) in AUTHORS.items() if name in self.changes),
            requirements=requirements,
            files=(*concerned.findings, *concerned.new),
            removed=concerned.removed,
            deviations=deviations,
            before=await self._before(),
        )

    async def _designed(
        self, changes: Sequence[Change], deviations: tuple[Deviation, ...]
    ) -> tuple[Material, tuple[str, ...]]:
        """The design after the changes, and the requirements that read otherwise in it."""
        specification, requirements = amended(self.material.specification, changes, self.material.paper)
        design = replace(
            self.material,
            specification=specification,
            revision=len(self.before) + 1,
            wishes=(*self.material.wishes, *deviations),
        )
        for stage, (name, author) in AUTHORS.items():
            asked = [finding_of(change) for change in changes if change.place == name]
            found = (*asked, *misfits(stage, self.material.design, design.design))
            artifact = getattr(design, name)
            if found:
                artifact = await self._again(stage, author, design, found)
            own = [deviation_of(c, self.remark).choice for c in changes if c.paper.strip() and _declared_in(c) == name]
            missing = [choice for choice in own if choice not in artifact.open_choices]
            artifact = artifact.model_copy(update={"open_choices": [*artifact.open_choices, *missing]})
            if artifact != getattr(design, name):
                self.changes[name] = artifact
                design = replace(design, **{name: artifact})
        return design, requirements

    async def _again(
        self, stage: Designed, author: Callable[[Material], Author[Any]], design: Material, found: Sequence[Finding]
    ) -> Any:
        """The artifact, revised by its author, and reviewed as the first one was."""
        review = Review(round=review_of(self.state, stage).round + 1, findings=tuple(found))
        shown = replace(design, reviews={**design.reviews, stage: review})
        artifact, critique = await refined(self.graph, Authored(self.runtime, author(shown)))
        self.critiques[stage] = await put_body(store_of(self.runtime), critique.model_dump_json())
        self.changes.setdefault("reviews", {})[stage] = review.mended()
        return artifact

    async def _tested(self, design: Material, concerned: Affected) -> None:
        testing = Testing(self.runtime, agreed(design), self.graph, concerned.tests, "revision")
        await testing.all()
        self.changes["tests"] = testing.changes
        self.critiques |= testing.critiques

    async def _written(self, design: Material, concerned: Affected) -> None:
        standing = Standing(self.code, concerned.findings, concerned.redesigned)
        files = Files(self.runtime, agreed(design), self.graph, standing, "revision")
        await files.written()
        self.changes |= {"code": files.code, "analyses": files.analyses}
        self.critiques |= files.critiques

    async def _before(self) -> Body:
        """What the stages that follow hold the revised code against."""
        known = await checked(self.material, dict(self.code))
        there = {*self.code, *self.material.tests}
        files = {path: sha for path, sha in _hashes(self.state).items() if path in there}
        kept = Before(files=files, known=known)
        return await put_body(store_of(self.runtime), kept.model_dump_json())


def _hashes(state: PipelineState) -> dict[str, str]:
    """Of code and tests, under their paths."""
    return {path: body.sha256 for path, body in (bodies(state.get("code")) | bodies(state.get("tests"))).items()}


def _by_file(changes: Sequence[Change], place: Place) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for change in changes:
        if change.place == place:
            found.setdefault(change.file, []).append(finding_of(change))
    return found


def _declared_in(change: Change) -> str:
    """The artifact among whose choices a deviation stands: the one that decides it, else the plan."""
    return change.place if change.place in {name for name, _ in AUTHORS.values()} else "plan"
