"""The nodes of an evaluation: each gathers what it needs, asks the judge, and returns what changed."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TypeVar

from langgraph.runtime import Runtime

from agents.events import emit_event
from agents.judge import leaves, pairs, samples
from agents.specifier import specify
from graph.asking import Outcome, Outcomes, all_answers
from graph.changes import Changes, lineage
from graph.evaluation_material import (
    bench_of,
    keep_files,
    kept,
    leaves_that_can_be_seen,
    leaves_to_grade,
    rubric_of_state,
)
from graph.evaluation_routes import request_of
from graph.material import bodies, store_of
from graph.paper import read_paper, summary_of
from graph.progress import begin, end
from graph.reporting import written
from graph.serving import readable
from papercoder.evaluation.grading import GradedLeaf, graded
from papercoder.evaluation.pairs import CRITERIA, Criterion, Trial, compared
from papercoder.evaluation.repository import Repository, read_repository
from papercoder.evaluation.requirements import read_any, read_text, rubric_of
from papercoder.evaluation.rubric import Leaf, code_development, shares
from papercoder.evaluation.scoring import Invalid, ProtocolResult, Result, merged
from papercoder.storage.bodies import get_bodies, put_body
from state.body import Body
from state.context import Context
from state.counts import counted
from state.evaluation import EvaluationState, Protocol
from state.events import Warned
from state.judgements import Grade, PairJudgement

T = TypeVar("T")
SAMPLED: tuple[Protocol, ...] = ("reference-free", "reference-based")


async def reading(state: EvaluationState, runtime: Runtime[Context]) -> Changes:
    """Read the paper, the repositories and the rubric into the store."""
    begin(runtime, "reading")
    store, asked = store_of(runtime), request_of(state)
    paper = await asyncio.to_thread(read_paper, state, runtime)
    for warning in paper.warnings:
        emit_event(runtime.stream_writer, Warned(text=warning))
    read = [await _read(runtime, folder) for folder in asked.repositories]
    gold = await _read(runtime, asked.gold) if asked.gold else None
    files = ", ".join(f"{len(repository.files)} files" for repository in read)
    end(runtime, "reading", f"{paper.title}: {files}")
    return {
        "paper": summary_of(paper, await put_body(store, paper.model_dump_json())),
        "repositories": [await keep_files(store, repository.files) for repository in read],
        "gold": await keep_files(store, gold.files) if gold else None,
        "rubric": await _given_rubric(runtime, asked.rubric, paper.title) if asked.rubric else None,
        "results": None,  # a server's thread may have judged before
        "text": "",  # it is in the store now
        "upload": None,
        **lineage(runtime),
    }


async def rubric(state: EvaluationState, runtime: Runtime[Context]) -> Changes:
    """Make a rubric of what the paper asks for; the specifier reads it without any repository in view."""
    begin(runtime, "rubric")
    bench = await bench_of(state, runtime)
    specification = await specify(runtime, bench.material)
    found = [requirement for requirement in specification.requirements if requirement.status != "unspecified"]
    tree = rubric_of(bench.material.paper.title, found)
    end(runtime, "rubric", counted(len(found), "requirement"))
    return {"rubric": await put_body(store_of(runtime), tree.model_dump_json(indent=1)), **lineage(runtime)}


async def judging(state: EvaluationState, runtime: Runtime[Context]) -> Changes:
    """Draw the samples of each protocol of the Paper2Code paper that was asked for."""
    asked = request_of(state)
    protocols = [protocol for protocol in asked.chosen if protocol in SAMPLED]
    begin(runtime, "judging", asked.samples * len(protocols), of="answers")
    bench = await bench_of(state, runtime)
    results: dict[str, ProtocolResult] = {}
    for protocol in protocols:
        drawn = samples.questions(bench, protocol, asked.samples)
        outcomes = await all_answers(runtime, lambda drawn=drawn: iter(drawn))  # type: ignore[misc]
        valid = [outcome.answer for outcome in outcomes if outcome.answer]
        results[protocol] = merged(asked.samples, valid, _invalid(outcomes), drawn[0].trimmed)
    end(runtime, "judging", ", ".join(f"{name} {_mean(result)}" for name, result in results.items()))
    return {"results": await _keep(runtime, results), **lineage(runtime)}


async def grading(state: EvaluationState, runtime: Runtime[Context]) -> Changes:
    """Grade every leaf of the rubric that can be seen in the repository."""
    bench, tree = await bench_of(state, runtime), await rubric_of_state(state, runtime)
    keep, mode = kept(state)
    every = leaves_to_grade(tree, keep)
    seen = leaves_that_can_be_seen(every, bench)
    begin(runtime, "grading", len(seen), of="answers")
    outcomes = await all_answers(runtime, lambda: leaves.questions(bench, seen))
    grades = {outcome.file: outcome for outcome in outcomes}
    found = [_graded(leaf, grades.get(leaf.key)) for leaf in every]
    result = graded(tree, keep, mode, found, _invalid(outcomes), leaves.left_out(bench))
    end(runtime, "grading", f"{result.score:.1%} of {mode}, {counted(len(every), 'leaf', 'leaves')}")
    return {"results": await _keep(runtime, {"rubric": result}), **lineage(runtime)}


async def comparing(state: EvaluationState, runtime: Runtime[Context]) -> Changes:
    """Hold two repositories against each other, in both orders."""
    asked, bench = request_of(state), await bench_of(state, runtime)
    criteria = await _criteria(state, runtime)
    batches = pairs.batches_of(criteria)
    begin(runtime, "comparing", len(pairs.ORDERS) * len(batches) * asked.samples, of="answers")
    outcomes = await all_answers(
        runtime, lambda: pairs.questions(bench, criteria, asked.samples), lambda found: bool(_trials(found))
    )
    left_out = next(pairs.questions(bench, criteria, 1)).trimmed
    result = compared(criteria, _trials(outcomes), _invalid(outcomes), left_out)
    end(runtime, "comparing", f"{result.verdict}; A has {result.overall:.0%} of the points")
    return {"results": await _keep(runtime, {"comparison": result}), **lineage(runtime)}


async def reporting(state: EvaluationState, runtime: Runtime[Context]) -> Changes:
    """Write report.json and report.md."""
    begin(runtime, "reporting")
    results = await get_bodies(store_of(runtime), bodies(state.get("results")))
    tree = await rubric_of_state(state, runtime) if state.get("rubric") else None
    published = await asyncio.to_thread(written, state, runtime, results, tree)
    for warning in published.warnings:
        emit_event(runtime.stream_writer, Warned(text=warning))
    end(runtime, "reporting", f"{counted(published.files, 'file')} in {published.folder}")
    return {"published": published}


async def _given_rubric(runtime: Runtime[Context], path: str, title: str) -> Body:
    """Refused, if it cannot be used, before anything is paid for."""
    text = await asyncio.to_thread(read_text, readable(runtime, path))
    read_any(text, title, path)
    return await put_body(store_of(runtime), text)


async def _read(runtime: Runtime[Context], folder: str) -> Repository:
    repository = await asyncio.to_thread(lambda: read_repository(readable(runtime, folder)))
    for what in repository.left_out:
        emit_event(runtime.stream_writer, Warned(text=f"not judged: {what}"))
    return repository


def _graded(leaf: Leaf, outcome: Outcome[Grade] | None) -> GradedLeaf:
    grade = outcome.answer if outcome else None
    note = "" if grade else (outcome.reason if outcome else "no log of a run is in the repository: nobody was asked")
    return GradedLeaf(
        key=leaf.key,
        id=leaf.node.id,
        requirements=leaf.node.requirements,
        category=leaf.node.task_category or "",
        finegrained=leaf.node.finegrained_task_category or "",
        score=grade.score if grade else 0,
        grade=grade,
        note=note,
    )


async def _criteria(state: EvaluationState, runtime: Runtime[Context]) -> Sequence[Criterion]:
    """The rubric's leaves that code can show, each with its part of the whole; without a rubric, our own."""
    if not state.get("rubric"):
        return CRITERIA
    tree = await rubric_of_state(state, runtime)
    part = shares(tree, code_development)
    return [
        Criterion(id=leaf.key, text=leaf.node.requirements, weight=part[leaf.key])
        for leaf in leaves_to_grade(tree, code_development)
    ]


def _trials(outcomes: Outcomes[PairJudgement]) -> list[Trial]:
    """A judgement whose other order is invalid would tell of the place, too: it is left out."""
    answers = {(outcome.file, outcome.sample): outcome.answer for outcome in outcomes}
    both = [
        (answer, answers.get((name.replace("ab-", "ba-", 1), sample)))
        for (name, sample), answer in answers.items()
        if name.startswith("ab-")
    ]
    return [Trial(ab, ba) for ab, ba in both if ab and ba]


def _invalid(outcomes: Outcomes[T]) -> list[Invalid]:
    return [outcome.invalid for outcome in outcomes if outcome.answer is None]


def _mean(result: ProtocolResult) -> str:
    return f"{result.mean:.2f} of 5 ({len(result.scores)} of {result.asked} samples)"


async def _keep(runtime: Runtime[Context], results: Mapping[str, Result]) -> dict[str, Body]:
    store = store_of(runtime)
    return {name: await put_body(store, result.model_dump_json()) for name, result in results.items()}
