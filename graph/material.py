"""From the state, which holds hashes, to the material that prompts are made of."""

from functools import lru_cache
from typing import TypeVar

from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore
from pydantic import BaseModel, ValidationError

from agents.context import Material
from papercoder.storage.bodies import get_bodies, get_body
from state.artifacts import Architecture, Body, Configuration, LogicDesign, Plan
from state.context import Context
from state.errors import KeptDamaged
from state.paper import Paper
from state.pipeline import PaperSummary, PipelineState, review_of

M = TypeVar("M", bound=BaseModel)


async def gather(state: PipelineState, runtime: Runtime[Context]) -> Material:
    """Everything decided so far.  An artifact edited in Studio comes as a plain dict, and is validated here."""
    store = store_of(runtime)
    summary = typed(PaperSummary, state["paper"])
    assert summary
    return Material(
        context=runtime.context,
        paper=_paper(await get_body(store, summary.body)),
        base=await get_bodies(store, bodies(state.get("base_files"))),
        plan=typed(Plan, state.get("plan")),
        architecture=typed(Architecture, state.get("architecture")),
        logic=typed(LogicDesign, state.get("logic")),
        configuration=typed(Configuration, state.get("configuration")),
        analyses=await get_bodies(store, bodies(state.get("analyses"))),
        reviews={stage: review_of(state, stage) for stage in state.get("reviews") or {}},
    )


def store_of(runtime: Runtime[Context]) -> BaseStore:
    assert runtime.store, "the pipeline needs a store: compile it with one, or load it into a LangGraph server"
    return runtime.store


def typed(model: type[M], value: object) -> M | None:
    """Validated again even if it is one already: a checkpoint of another version may lack fields.  `KeptDamaged`."""
    try:
        plain = value.model_dump(warnings=False) if isinstance(value, BaseModel) else value
        return None if plain is None else model.model_validate(plain)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise KeptDamaged.of(f"{model.__name__} in the checkpoint does not fit: {place}: {first['msg']}.") from error


def bodies(values: dict[str, Body] | None) -> dict[str, Body]:
    return {path: Body.model_validate(body) for path, body in (values or {}).items()}


@lru_cache(maxsize=4)
def _paper(text: str) -> Paper:
    return Paper.model_validate_json(text)
