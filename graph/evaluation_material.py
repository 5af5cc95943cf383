"""From the state of an evaluation, which holds hashes, to what its judge is asked with."""

import json
from collections.abc import Sequence

from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore

from agents.context import Material
from agents.judge.bench import Bench
from agents.judge.leaves import can_be_seen
from agents.model import inherit
from graph.evaluation_routes import request_of
from graph.material import paper_of, store_of, typed
from papercoder.evaluation.requirements import read_any
from papercoder.evaluation.rubric import Keep, Leaf, RubricNode, code_development, everything, leaves
from papercoder.storage.bodies import get_body, put_body
from state.body import Body
from state.context import Context
from state.errors import InputError
from state.evaluation import EvaluationState
from state.pipeline import PaperSummary


async def bench_of(state: EvaluationState, runtime: Runtime[Context]) -> Bench:
    """The paper and the repositories, for a node that asks."""
    await inherit(runtime, state.get("lineage") or [])
    store = store_of(runtime)
    summary = typed(PaperSummary, state.get("paper"))
    if summary is None:
        raise InputError("The state holds no paper.", "Begin at reading: give the paper as the evaluation's input.")
    material = Material(context=runtime.context, paper=paper_of(await get_body(store, summary.body)))
    repositories = [await files_of(store, body) for body in state.get("repositories", [])]
    gold = state.get("gold")
    return Bench(material, tuple(repositories), await files_of(store, gold) if gold else {})


async def keep_files(store: BaseStore, files: dict[str, str]) -> Body:
    return await put_body(store, json.dumps(files))


async def files_of(store: BaseStore, body: Body) -> dict[str, str]:
    files: dict[str, str] = json.loads(await get_body(store, Body.model_validate(body, from_attributes=True)))
    return files


async def rubric_of_state(state: EvaluationState, runtime: Runtime[Context]) -> RubricNode:
    """The rubric that was given, or made of the paper."""
    body = typed(Body, state.get("rubric"))
    assert body, "a rubric is read, or made, before it is needed"
    title = PaperSummary.model_validate(state["paper"], from_attributes=True).title
    return read_any(await get_body(store_of(runtime), body), title, request_of(state).rubric or "the rubric")


def kept(state: EvaluationState) -> tuple[Keep, str]:
    """Which leaves count, and what that is called."""
    if request_of(state).code_dev:
        return code_development, "Code-Dev"
    return everything, "the whole rubric"


def leaves_to_grade(rubric: RubricNode, keep: Keep) -> list[Leaf]:
    """Raises `InputError` where nothing is left to grade."""
    found = leaves(rubric, keep)
    if not found:
        raise InputError("The rubric has no leaf of Code Development.", "Leave out --code-dev.")
    return found


def leaves_that_can_be_seen(found: Sequence[Leaf], bench: Bench) -> list[Leaf]:
    """Raises `InputError` where there is none: a score that nobody's judgement is behind would be none."""
    seen = [leaf for leaf in found if can_be_seen(leaf, bench)]
    if not seen:
        raise InputError(
            f"None of the rubric's {len(found)} leaves is about code, and the repository holds no log of a run.",
            "Run its reproduce.sh and keep what it prints as reproduce.log in the repository.",
        )
    return seen
