"""Small papers, and what a specifier may answer about them."""

import json
from typing import Any

from agents.context import Material
from state.context import Context
from state.paper import Block, Paper, Section
from state.requirements import Requirement, RequirementDraft, numbered

PROSE = "The learning rate of step {n} is decayed by the factor {n} while the loss is summed over all tokens. "


def section(number: int, *, words: int = 1, title: str = "Method") -> Section:
    text = PROSE.format(n=number) + "More is said about it here. " * words
    block = Block(id=f"S{number}.p1", label=f"§{number}", kind="paragraph", text=text)
    return Section(id=f"S{number}", label=f"§{number}", number=str(number), title=title, blocks=(block,))


def a_paper(sections: int, words: int = 1) -> Paper:
    return Paper(title="t", sections=tuple(section(number, words=words) for number in range(1, sections + 1)))


def material_of(paper: Paper, **changes: Any) -> Material:
    context = Context(model="test:m", **{"context_window": 100_000, **changes})
    return Material(context=context, paper=paper)


def draft(number: int = 1, **changes: Any) -> dict[str, Any]:
    fields = {
        "kind": "training",
        "what": f"decay at step {number}",
        "source": [f"S{number}.p1"],
        "quote": f"step {number} is decayed by the factor {number}",
        "weight": 3,
    }
    return fields | changes


def survey(*drafts: dict[str, Any]) -> str:
    return f"```json\n{json.dumps({'requirements': drafts})}\n```"


def joined(**found: Any) -> str:
    return f"```json\n{json.dumps({'same': [], 'missing': [], 'contradictions': []} | found)}\n```"


def corrections(*corrections: dict[str, Any]) -> str:
    return f"```json\n{json.dumps({'corrections': corrections})}\n```"


def listed(count: int) -> list[Requirement]:
    return numbered([RequirementDraft.model_validate(draft(n)) for n in range(1, count + 1)], {})
