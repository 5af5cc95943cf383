"""The reviser: turns a user's remark about a finished repository into what has to change, and where."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from agents.author import VERSIONS
from agents.context import Material, preamble, prefix
from agents.editing import fitted
from agents.question import Question
from papercoder.models.answers import json_answer
from papercoder.models.tokens import count_tokens
from prompts import describe, quoted, render
from state.artifacts import Artifact, Sources
from state.requirements import Text
from state.review import Finding
from state.revision import Deviation, Revision, carried_out

Place = Literal["requirement", "plan", "architecture", "logic", "configuration", "file", "tests"]

MOST_CHANGES = 30
ROOM_FOR_ANSWER = 6_000
"""Tokens for task and form, and a repair turn."""
FULL_SHARE = 0.4
"""Of the room for code: files that the remark is about, in full; the others by their signatures."""

_WORD = re.compile(r"[A-Za-z_][\w./-]{2,}")


def _as_place(value: object) -> object:
    """As models write it: `config`, `Requirements`, `code`."""
    word = str(value).strip().lower()
    others = {"config": "configuration", "config.yaml": "configuration", "code": "file", "test": "tests",
              "requirements": "requirement", "files": "file"}  # fmt: skip
    return others.get(word, word)


class Change(Artifact):
    """One place that has to change."""

    place: Annotated[Place, BeforeValidator(_as_place)]
    file: Text = Field("", description="for file and tests: the path of the source file; else empty")
    location: Text = Field(
        "", description="the requirement's id (empty: a new one), the key, the symbol, the item: where in that place"
    )
    problem: str = Field(min_length=1, description="what is to be different, and why")
    fix: Text = Field("", description="what to write instead, exactly; of a requirement, how it reads from now on")
    source: Sources = Field(default_factory=list, description="ids of the passages that say so; empty if none does")
    quote: Text = Field(
        "", description="of a requirement: the words of one of these passages, letter by letter; empty: as before"
    )
    paper: Text = Field("", description="only where it contradicts the paper: what the paper says, with ids")


class Changes(Artifact):
    answer: str = Field(
        min_length=1,
        description="to the user, in one to three sentences: what will be different; or why nothing will, and how to "
        "ask instead",
    )
    changes: list[Change] = Field(description="every place that has to change; an empty list if nothing is changed")

    @field_validator("changes", mode="before")
    @classmethod
    def _nothing_is_an_empty_list(cls, value: Any) -> Any:
        return [] if value in (None, "") else value

    @field_validator("changes")
    @classmethod
    def _can_be_overseen(cls, changes: list[Change]) -> list[Change]:
        if len(changes) > MOST_CHANGES:
            raise ValueError(f"changes has {len(changes)} entries: say it in at most {MOST_CHANGES}")
        return changes


def reviser(material: Material, code: Mapping[str, str], remark: str, before: Sequence[Revision]) -> Question[Changes]:
    """What has to change for a remark.  `before` are the revisions that this run had."""
    shared = prefix(material, "requirements", "plan", "design", "logic_so_far", "configuration_so_far")
    room = max(material.window - count_tokens(shared) - count_tokens(remark) - ROOM_FOR_ANSWER, 2_000)
    shown = fitted(code, meant(remark, material, code), int(room * FULL_SHARE), room)
    task = render(
        "revision",
        remark=quoted("remark", remark),
        earlier=carried_out(before),
        files=[(path, quoted("file", text)) for path, text in shown.editable.items()],
        others=[(path, quoted("header", text)) for path, text in shown.headers.items()],
        tests=sorted(material.tests),
    )
    return Question(
        role="reviser",
        stage="revision",
        system=preamble(material.context),
        prefix=shared,
        images=material.images,
        task=task + render("json_form", form=describe(Changes)),
        round=len(before) * VERSIONS,
        parse=json_answer(Changes, lambda answer: _check(answer, material)),
        schema=Changes,
        trimmed=(*material.shown_paper[1], *shown.left_out),
    )


def meant(remark: str, material: Material, code: Mapping[str, str]) -> list[str]:
    """The files that the remark names, by their path, their name, or a symbol of theirs."""
    words = {word.strip(".-/") for word in _WORD.findall(remark)}
    return [path for path in sorted(code) if words & _names(path, material)]


def _names(path: str, material: Material) -> set[str]:
    name = path.rpartition("/")[2]
    symbols = material.contract(path).symbols if path in material.paths else []
    parts = [part for symbol in symbols for part in (symbol.name, *symbol.name.split("."))]
    # a word such as `main` or `model` in a sentence is no file
    return {path, name, *(part for part in parts if "_" in part or part != part.lower())}


def _check(answer: Changes, material: Material) -> None:
    """Refuses places that do not exist."""
    known = {requirement.id for requirement in material.required}
    for change in answer.changes:
        if change.place in ("file", "tests") and change.file not in material.paths:
            raise ValueError(
                f"{change.file!r} is no source file of the repository ({', '.join(material.paths)}); "
                "a file is added or removed by a change of the architecture"
            )
        if change.place == "requirement" and change.location and change.location not in known:
            raise ValueError(f"{change.location!r} is no requirement; leave `location` empty for a new one")
        if change.place == "requirement" and not change.fix.strip():
            raise ValueError("a requirement's change says in `fix` how it reads from now on")


def finding_of(change: Change) -> Finding:
    """The change as those see it who make it."""
    problem = change.problem
    if change.paper.strip():
        problem += (
            f" The user wants this although the paper says otherwise ({change.paper.strip()}): carry it out, and "
            "record it among the open choices with the user's wish as the reason."
        )
    return Finding(
        severity="high",
        location=change.location,
        problem=problem,
        fix=change.fix,
        file=change.file if change.place in ("file", "tests") else "",
        evidence=", ".join(change.source),
    )


def deviation_of(change: Change, remark: str) -> Deviation:
    place = change.file or change.location or change.place
    return Deviation(paper=change.paper.strip(), here=change.fix.strip() or change.problem, reason=remark, where=place)
