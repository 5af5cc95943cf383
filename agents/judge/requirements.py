"""A rubric where none is at hand: what the paper asks of its implementation, before any repository is looked at."""

from agents.judge.bench import Bench
from agents.session import Question
from agents.sources import unknown_sources
from papercoder.models.answers import json_answer
from prompts import describe, render
from state.judgements import PaperRequirements


def question(bench: Bench) -> Question[PaperRequirements]:
    """The prompt holds the paper alone, so that no repository's choices become requirements."""
    paper = bench.material.paper
    return Question(
        role="judge",
        stage="rubric",
        system=bench.system,
        prefix=bench.paper,
        task=render("rubric", answer_form=render("json_form", form=describe(PaperRequirements))),
        parse=json_answer(PaperRequirements),
        schema=PaperRequirements,
        objections=lambda answer: unknown_sources(answer, paper),
        trimmed=bench.trimmed,
    )
