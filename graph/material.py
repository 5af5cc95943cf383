"""From the state, which holds hashes, to the material that prompts are made of."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore
from pydantic import BaseModel, ValidationError

from agents.context import Material
from agents.figures import as_prompt
from agents.logic_designer import check_tasks
from agents.model import inherit
from agents.tester import places
from papercoder.storage.bodies import get_bodies, get_body, get_image
from state.architecture import Architecture
from state.body import Body
from state.configuration import Configuration
from state.context import STAGES, Context
from state.critique import Critique
from state.errors import InputError, KeptDamaged
from state.logic import LogicDesign
from state.paper import Paper
from state.pipeline import PaperSummary, PipelineState, review_of, revisions_of
from state.plan import Plan
from state.requirements import Specification
from state.review import in_short
from state.revision import deviations
from state.walkthrough import Walked

M = TypeVar("M", bound=BaseModel)


async def gather(state: PipelineState, runtime: Runtime[Context]) -> Material:
    """Everything decided so far, for a stage that asks."""
    await inherit(runtime, state.get("lineage") or [])
    return await material_of(state, runtime.context, store_of(runtime))


async def material_of(state: PipelineState, context: Context, store: BaseStore) -> Material:
    """Everything decided so far.  An artifact edited in Studio comes as a plain dict, and is validated here."""
    summary = typed(PaperSummary, state.get("paper"))
    if summary is None:
        raise InputError("The state holds no paper.", "Begin at reading: give the paper as the run's input.")
    base = await get_bodies(store, bodies(state.get("base_files")))
    architecture = typed(Architecture, state.get("architecture"))
    logic = typed(LogicDesign, state.get("logic"))
    analyses, packages = bodies(state.get("analyses")), typed(Body, state.get("base_packages"))
    return Material(
        context=context,
        paper=paper_of(await get_body(store, summary.body)),
        base=base,
        base_packages=await get_body(store, packages) if packages else None,
        specification=typed(Specification, state.get("specification")),
        plan=typed(Plan, state.get("plan")),
        architecture=architecture,
        logic=logic,
        configuration=typed(Configuration, state.get("configuration")),
        analyses=await get_bodies(store, _designed(analyses, logic)),
        tests=await get_bodies(store, _of_design(bodies(state.get("tests")), architecture, base)),
        reviews={stage: review_of(state, stage) for stage in state.get("reviews") or {}},
        images=tuple([as_prompt(one, await get_image(store, one.image)) for one in summary.shown])
        if context.figures
        else (),
        revision=len(revisions_of(state)),
        wishes=deviations(revisions_of(state)),
    )


def agreed(material: Material) -> Material:
    """For what comes after the design.  Raises `InputError` where an edit has left files and tasks that differ."""
    assert material.architecture and material.logic
    try:
        check_tasks(material.logic, material.architecture)
    except ValueError as error:
        raise InputError(
            f"The state's logic does not fit its architecture: {error}.",
            "Edit both, or go on from architecture: then the logic is designed anew.",
        ) from error
    return material


async def code_of(state: PipelineState, material: Material, store: BaseStore) -> dict[str, str]:
    """The files of the repository."""
    return await get_bodies(store, _designed(bodies(state.get("code")), material.logic))


async def critiques_of(state: Mapping[str, Any], store: BaseStore) -> dict[str, Critique]:
    """How each artifact came about: stages in their order, then files."""
    texts = await get_bodies(store, bodies(state.get("critiques")))
    design = typed(Architecture, state.get("architecture"))
    files = [
        f"{stage} of {path}" for path in (design.paths if design else ()) for stage in ("testing", "analysis", "coding")
    ]
    order = [*STAGES, *files]
    return {name: Critique.model_validate_json(texts[name]) for name in order if name in texts}


async def walked_of(state: Mapping[str, Any], store: BaseStore) -> Walked | None:
    """The walkthrough and what came of its checks, where there is one."""
    body = typed(Body, state.get("notebook"))
    return Walked.model_validate_json(await get_body(store, body)) if body else None


def _designed(texts: dict[str, Body], logic: LogicDesign | None) -> dict[str, Body]:
    """Without files that an earlier design had, before somebody edited it or gave the thread another paper."""
    return {path: body for path, body in texts.items() if logic is None or path in logic.dependencies()}


def _of_design(tests: dict[str, Body], architecture: Architecture | None, base: Mapping[str, str]) -> dict[str, Body]:
    """The tests of files that the architecture has now."""
    known = set(places(architecture, base).values()) if architecture else set()
    return {path: body for path, body in sorted(tests.items()) if path in known}


def store_of(runtime: Runtime[Context]) -> BaseStore:
    assert runtime.store, "the pipeline needs a store: compile it with one, or load it into a LangGraph server"
    return runtime.store


def typed(model: type[M], value: object) -> M | None:
    """The artifact, whoever wrote it: an edit, or another version of ours, may have left something else.

    Validated again even if it is one already.  Raises `KeptDamaged`.
    """
    try:
        plain = value.model_dump(warnings=False) if isinstance(value, BaseModel) else value
        return None if plain is None else model.model_validate(plain)
    except ValidationError as error:
        raise KeptDamaged(
            f"The state's {model.__name__} cannot be used: {in_short(error)}",
            "If it was edited, edit it once more or go on from a checkpoint before the edit; if another version wrote "
            "it, begin anew, which asks nothing twice: papercoder resume RUN --afresh",
        ) from error


def bodies(values: dict[str, Body] | None) -> dict[str, Body]:
    return {path: Body.model_validate(body) for path, body in (values or {}).items()}


@lru_cache(maxsize=4)
def paper_of(text: str) -> Paper:
    """The paper out of its body."""
    return Paper.model_validate_json(text)
