"""The assessor: holds the code against the requirements, one by one.  It never sees a comment that claims something."""

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from langgraph.runtime import Runtime
from pydantic import BeforeValidator, Field

from agents.author import VERSIONS
from agents.context import Material, preamble
from agents.editable_texts import CONFIG, REQUIREMENTS, requirements_of
from agents.model import ask
from agents.question import Question
from agents.together import together
from papercoder.checks.conditions import condition_problem
from papercoder.checks.evidence import evidence_problem
from papercoder.checks.placebos import placebos
from papercoder.checks.stripping import without_comments
from papercoder.models.answers import json_answer
from papercoder.models.tokens import count_tokens
from prompts import describe, quoted, render
from state.artifacts import Artifact
from state.assessment import Coverage, Judgement, Verdict
from state.context import Context
from state.errors import AnswerUnusable
from state.requirements import Text

BATCH = 12
"""Requirements in one question: more of them are judged less carefully."""
ROOM_FOR_ITEMS = 6_000
"""Tokens for the items, the form of the answer, and a repair turn."""
FEWEST_PLACEBOS, REQUIREMENTS_A_PLACEBO = 2, 10


@dataclass(frozen=True)
class Item:
    """A requirement or a placebo, under a name that does not tell which."""

    name: str
    what: str
    requirement: str = ""  # its id; empty for a placebo


def _as_line(value: object) -> object:
    return 0 if value in (None, "") else value


_PARTIAL = "partial: a part of it is there, or it is there under other conditions"


class Judged(Artifact):
    id: str = Field(description="the item's name, e.g. Q3")
    judgement: Literal["met", "partial", "missing"] = Field(description=_PARTIAL)
    file: Text = Field("", description="the file that shows it; empty if missing")
    line: Annotated[int, BeforeValidator(_as_line)] = Field(
        0, description="the number of the one line that shows it best; 0 if missing"
    )
    reason: Text = Field("", description="what this line does, or what is not there, in a sentence")


class Judgements(Artifact):
    verdicts: list[Judged] = Field(description="one for each item, in their order")


class JudgedInScope(Judged):
    """Where the user wants a part of the paper: only then can a requirement lie outside."""

    judgement: Judgement = Field(description=_PARTIAL)  # type: ignore[assignment]  # wider, and never written to
    condition: Text = Field("", description="only if inapplicable: the words of the item that say when it holds")


class JudgementsInScope(Judgements):
    verdicts: list[JudgedInScope] = Field(  # type: ignore[assignment]  # narrower, and never written to
        description="one for each item, in their order"
    )


async def assess(runtime: Runtime[Context], material: Material, code: Mapping[str, str], number: int) -> Coverage:
    """The verdicts on version `number` of the code."""
    items = items_of(material, code)
    batches = [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
    bare = without_claims(material, code)
    judged = await together(_judge(runtime, material, bare, batch, number) for batch in batches)
    verdicts = {name: verdict for batch in judged for name, verdict in batch.items()}
    real = {item.requirement: verdicts[item.name] for item in items if item.requirement}
    return Coverage(
        verdicts=tuple(real[requirement.id] for requirement in material.required),
        placebos=tuple(verdicts[item.name] for item in items if not item.requirement),
    )


def without_claims(material: Material, code: Mapping[str, str]) -> dict[str, str]:
    """The files without their comments, the settings that they read, and the packages."""
    bare = {path: without_comments(code[path]) if path.endswith(".py") else code[path] for path in sorted(code)}
    settings = {value.key: value.value for value in material.configuration.values} if material.configuration else {}
    shown = {CONFIG: "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())}
    if material.logic:
        shown[REQUIREMENTS] = requirements_of(material)  # the versions that a paper names are kept nowhere else
    return bare | shown


def items_of(material: Material, code: Mapping[str, str]) -> list[Item]:
    """Requirements and placebos in an order that depends on nothing but them."""
    real = [(requirement.whole, requirement.id) for requirement in material.required]
    count = max(FEWEST_PLACEBOS, len(real) // REQUIREMENTS_A_PLACEBO)
    mixed = [*real, *((text, "") for text in placebos(material.paper, code, count))]
    seed = hashlib.sha256("\n".join(what for what, _ in mixed).encode()).hexdigest()
    random.Random(seed).shuffle(mixed)
    return [Item(f"Q{n}", what, id) for n, (what, id) in enumerate(mixed, 1)]


def question_of(
    material: Material, code: Mapping[str, str], items: Sequence[Item], number: int
) -> Question[Judgements]:
    """The question about one batch of items.  The paper is not shown: each item says whole what it asks for."""
    listing, left_out = _listing(code, max(material.window - ROOM_FOR_ITEMS, 2_000))
    scope = material.context.scope
    form = JudgementsInScope if scope else Judgements
    return Question(
        role="assessor",
        stage="assessment",
        file=f"items {items[0].name} to {items[-1].name}",
        system=preamble(material.context),
        prefix=listing,
        task=render("assessment", items=items, scope=scope) + render("json_form", form=describe(form)),
        round=material.revision * VERSIONS + number,
        parse=json_answer(form),
        schema=form,
        objections=_objections(items, scope, code),
        fan_out=True,
        trimmed=left_out,
        optional=True,
    )


def _listing(code: Mapping[str, str], room: int) -> tuple[str, tuple[str, ...]]:
    """The files with numbered lines; the largest are left out where the window is too small."""
    entries = {path: quoted("file", _numbered(text)) for path, text in code.items()}
    left_out: list[str] = []
    while len(entries) > 1 and sum(map(count_tokens, entries.values())) > room:
        largest = max(entries, key=lambda path: len(entries[path]))
        del entries[largest]
        left_out.append(f"the file {largest}")
    return render("code_to_assess", files=list(entries.items()), left_out=left_out), tuple(left_out)


def _numbered(text: str) -> str:
    return "\n".join(f"{n} | {line}" for n, line in enumerate(text.splitlines(), 1) if line.strip())


def _objections(items: Sequence[Item], scope: str, code: Mapping[str, str]) -> Callable[[Judgements], str]:
    def object_to(answer: Judgements) -> str:
        verdicts = _by_name(answer, items, scope, code)
        problems = [f"{item.name}: {verdicts[item.name].problem}" for item in items if verdicts[item.name].problem]
        return "These verdicts cannot be used:\n" + "\n".join(problems) if problems else ""

    return object_to


async def _judge(
    runtime: Runtime[Context], material: Material, code: Mapping[str, str], items: Sequence[Item], number: int
) -> dict[str, Verdict]:
    try:
        answer = await ask(runtime, question_of(material, code, items, number))
    except AnswerUnusable as error:
        return {item.name: _unusable(item, error.cause) for item in items}
    return _by_name(answer, items, material.context.scope, code)


def _by_name(answer: Judgements, items: Sequence[Item], scope: str, code: Mapping[str, str]) -> dict[str, Verdict]:
    given = {judged.id.strip(" []"): judged for judged in reversed(answer.verdicts)}  # of two the first counts
    return {item.name: _verdict(item, given.get(item.name), scope, code) for item in items}


def _verdict(item: Item, judged: Judged | None, scope: str, code: Mapping[str, str]) -> Verdict:
    if judged is None:
        return _unusable(item, "it has no verdict")
    if isinstance(judged, JudgedInScope) and judged.judgement == "inapplicable":
        return Verdict(
            requirement=item.requirement or item.what,
            judgement="inapplicable",
            condition=judged.condition,
            reason=judged.reason,
            problem=condition_problem(judged.condition, item.what, scope, code.values()),
        )
    if judged.judgement == "missing":
        return Verdict(requirement=item.requirement or item.what, judgement="missing", reason=judged.reason)
    return Verdict(
        requirement=item.requirement or item.what,
        judgement=judged.judgement,
        file=judged.file,
        line=judged.line,
        reason=judged.reason,
        problem=evidence_problem(judged.file, judged.line, code),
    )


def _unusable(item: Item, problem: str) -> Verdict:
    return Verdict(requirement=item.requirement or item.what, judgement="missing", problem=problem)
