"""What the simulated model reads off a paper: requirements whose quotes are really copied from the prompt's paper."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from benchmarks.simulator.designs import Json
from benchmarks.simulator.project import stable_int
from benchmarks.simulator.texts import line

STAGES = ("specification", "consolidation", "correction")
A_PART = 12
"""Requirements of a part, as of a real model."""

_HEADING = re.compile(r"^#+ .*\[(?P<id>[\w.'-]+)\]$")
_BLOCK = re.compile(r"^\[(?P<id>[\w.'-]+)\] (?P<text>.+)$")
_LISTED = re.compile(r"^- (R\d+) \(", re.MULTILINE)
_PROSE = re.compile(r"[^\W\d_][^$|\\{}\n]{30,}")  # words without formulas
_KINDS = (
    "method",
    "equation",
    "architecture",
    "data",
    "training",
    "hyperparameter",
    "evaluation",
    "baseline",
    "result",
)
_WHAT_CHARACTERS = 140
_OURS = re.compile(r", point \d+: |how often the experiments of ")


@dataclass(frozen=True)
class Passage:
    """A block of the paper as the prompt shows it."""

    id: str
    section: str
    text: str


def reading(stage: str, part: str, prompt: str) -> Json:
    """What the specifier finds in the paper that the prompt shows; nothing of it comes from the project."""
    passages = passages_in(prompt)
    if stage == "specification":
        return survey(part, passages)
    return consolidation(prompt, passages) if stage == "consolidation" else correction(prompt, passages)


def passages_in(prompt: str) -> list[Passage]:
    """The paper's blocks, in order."""
    passages, section = [], ""
    for shown in prompt.split("\n"):
        if heading := _HEADING.match(shown):
            section = heading["id"]
        elif section and (block := _BLOCK.match(shown)):
            passages.append(Passage(block["id"], section, block["text"]))
    return passages


def survey(part: str, passages: Sequence[Passage]) -> Json:
    """Requirements of the passages from one id to the other, as the part's name has them."""
    inside = [passage for passage in _within(part, passages) if _quote(passage)]
    chosen = list(islice(cycle(inside), A_PART)) if inside else []
    requirements = [_stated(passage, number) for number, passage in enumerate(chosen)]
    return {"requirements": [*requirements[: A_PART - 1], _silent(part)]}


def consolidation(prompt: str, passages: Sequence[Passage]) -> Json:
    """The first two of the listed requirements are the same; two more are missing; one contradiction."""
    listed = _LISTED.findall(prompt)
    quotable = [passage for passage in passages if _quote(passage)]
    return {
        "same": [listed[:2]] if len(listed) > 1 else [],
        "missing": [*(_stated(passage, A_PART) for passage in quotable[-1:]), _silent("the whole paper")],
        "contradictions": [_contradiction([passage.id for passage in quotable[:2]], listed[:1])],
    }


def requirements_in(prompt: str) -> list[str]:
    """The ids of the requirements that the prompt lists."""
    return list(dict.fromkeys(_LISTED.findall(prompt)))


def is_of_a_survey(what: str) -> bool:
    """Whether a requirement is one of these, by its words."""
    return bool(_OURS.search(what))


def correction(prompt: str, passages: Sequence[Passage]) -> Json:
    """Each of the listed requirements is said to come from the first passage that has words to quote."""
    quotable = [passage for passage in passages if _quote(passage)][:1]
    found = [{"quote": _quote(passage), "source": [passage.id]} for passage in quotable]
    return {"corrections": [{"id": id, **change} for id in _LISTED.findall(prompt) for change in found]}


def _within(part: str, passages: Sequence[Passage]) -> list[Passage]:
    first, _, last = part.partition(" to ")
    named = [n for n, passage in enumerate(passages) if {passage.id, passage.section} & {first, last or first}]
    return list(passages[named[0] : named[-1] + 1]) if named else []


def _quote(passage: Passage) -> str:
    """Some whole words of its prose; empty if it has none to speak of."""
    found = _PROSE.search(passage.text)
    return " ".join(found[0].split(" ")[:12]).strip() if found else ""


def _stated(passage: Passage, number: int) -> Json:
    name = f"{passage.id} {number}"
    partial = stable_int(name, 5) == 0
    return {
        "kind": _KINDS[stable_int(f"kind {name}", len(_KINDS))],
        "what": f"{passage.id}, point {number}: " + line(f"what {name}", _WHAT_CHARACTERS),
        "source": [passage.id],
        "quote": _quote(passage),
        "weight": 1 + stable_int(f"weight {name}", 5),
        "status": "partial" if partial else "specified",
        "choice": "the simplest that fits" if partial else "",
        "alternatives": ["the defaults of related work"] if partial else [],
    }


def _silent(about: str) -> Json:
    return {
        "kind": "training",
        "what": f"how often the experiments of {about} are repeated, and with which seeds",
        "source": [],
        "quote": "",
        "weight": 2,
        "status": "unspecified",
        "choice": "once, with the seed 1234",
        "alternatives": ["the defaults of related work"],
    }


def _contradiction(source: list[str], requirements: list[str]) -> Json:
    return {
        "what": "One passage counts the layers with the embedding and the other without.",
        "source": source,
        "choice": "without",
        "reason": "the table does so, too",
        "requirements": requirements,
    }
