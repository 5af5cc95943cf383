"""Grading the leaves of a rubric, each by itself: met or not met.

Prompts begin with the paper; then come the files; the leaf is last.  A repository that fits into the window is shown
whole, so that all leaves share everything but their own words.  One that does not is packed for the leaves of one
parent together: they ask about the same part of the paper.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from agents.judge.bench import Bench, shown
from agents.judge.packing import Packed, by_kind, by_relevance, packed, size, words_by_file
from agents.question import Question
from papercoder.evaluation.repository import RESULTS, WORDS
from papercoder.evaluation.rubric import CODE_DEVELOPMENT, Leaf
from papercoder.models.answers import json_answer
from prompts import describe, quoted, render
from state.judgements import Grade

LOG = "reproduce.log"
"""What running `reproduce.sh` printed, where somebody ran it and kept it in the repository."""


def can_be_seen(leaf: Leaf, bench: Bench) -> bool:
    """What was executed, and what came of it, cannot be seen in a repository that nobody has run."""
    files = bench.repositories[0]
    return leaf.node.task_category == CODE_DEVELOPMENT or any(name in files for name in RESULTS)


def questions(bench: Bench, leaves: Sequence[Leaf]) -> Iterator[Question[Grade]]:
    """One a leaf, whose place in the tree is its `file`; made one after the other, as each may hold a repository."""
    files = bench.repositories[0]
    if size(files) <= bench.room:
        yield from _asked(bench, leaves, packed(files, by_kind(files), bench.room))
        return
    words = words_by_file(files)
    for _, siblings in groupby(leaves, key=lambda leaf: leaf.parent):
        group = list(siblings)
        wanted = "\n".join([*group[0].above, *(leaf.node.requirements for leaf in group)])
        yield from _asked(bench, group, packed(files, by_relevance(files, words, wanted), bench.room))


def left_out(bench: Bench) -> tuple[str, ...]:
    """What the report says where not every leaf's judge sees every file; the ledger says it call by call."""
    tokens = size(bench.repositories[0])
    if tokens <= bench.room:
        return bench.trimmed
    chosen = f"the repository has {tokens:,} tokens of code and {bench.room:,} fit: files were chosen leaf by leaf"
    return (*bench.trimmed, chosen)


def _asked(bench: Bench, leaves: Sequence[Leaf], files: Packed) -> Iterator[Question[Grade]]:
    system, paper, trimmed = bench.system, bench.paper, (*bench.trimmed, *files.trimmed)
    prefix = paper + "\n" + shown("The repository to grade", files)
    form = render("json_form", form=describe(Grade))
    for leaf in leaves:
        yield Question(
            role="judge",
            stage="grading",
            file=leaf.key,
            system=system,
            prefix=prefix,
            task=_task(leaf, form),
            parse=json_answer(Grade, _evidence_in(bench, leaf)),
            schema=Grade,
            fan_out=True,
            heads=(paper,),
            trimmed=trimmed,
            optional=True,
        )


def _task(leaf: Leaf, form: str) -> str:
    return render(
        "grading",
        key=leaf.key,
        category=leaf.node.task_category,
        above=quoted("requirement", "\n".join(leaf.above)) if leaf.above else "",
        requirement=quoted("requirement", leaf.node.requirements),
        answer_form=form,
    )


def _evidence_in(bench: Bench, leaf: Leaf) -> Callable[[Grade], None]:
    """Refuses a requirement that is met by nothing the repository has, or, if it asks for code, by words alone."""
    of_code = leaf.node.task_category == CODE_DEVELOPMENT
    known = {path for path in bench.repositories[0] if not of_code or PurePosixPath(path).suffix not in WORDS}

    def check(grade: Grade) -> None:
        if grade.score and not any(_path(place) in known for place in grade.evidence):
            raise ValueError(
                f"the evidence names no {'code' if of_code else 'file'} of the repository: "
                f"{', '.join(grade.evidence)[:200]}; write path:name with the path exactly as the repository shows it, "
                "and if only a text says so, the requirement is not met"
            )

    return check


def _path(place: str) -> str:
    return place.strip(" `'\"").partition(":")[0].strip()
