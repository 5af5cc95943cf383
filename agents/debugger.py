"""The debugger: mends the files of a repository that do not fit each other, or do not run (Paper2Code, section 4.3)."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from langgraph.runtime import Runtime

from agents.adding import addable
from agents.arbiter import files_in, text_of
from agents.context import Material, preamble
from agents.editable_texts import CONFIG, REQUIREMENTS, with_added
from agents.editing import Code, edited, edits_question, fitted
from agents.model import ask
from agents.premises import Premises
from agents.question import Question
from agents.running import GIGABYTES, SECONDS
from papercoder.checks import check_repository, imported_packages
from papercoder.models.answers import AnswerError, Parser
from papercoder.models.tokens import count_tokens
from prompts import quoted, render
from state.context import Context
from state.critique import Critique, Version
from state.execution import FIXES, Attempt, Failure, Ruling
from state.review import Finding

ROOM = 4_000
"""Tokens for instructions and failures."""
MOST_FAILURES, MOST_LINES = 10, 80
ALWAYS = (REQUIREMENTS, CONFIG)

Fits = Callable[[Code], object]
"""Raises ValueError where the texts, after edits, are not what they were: lists that can be read."""

Found = tuple[str, Failure, Ruling | None]
"""The step that failed, how, and what the arbiter says of it."""


@dataclass(frozen=True)
class Integrated:
    """The code as a whole, held against the design by checks, and mended by edits; what is `known` is left alone."""

    run: Runtime[Context]
    material: Material
    code: Code
    known: tuple[Finding, ...] = ()

    @property
    def rounds(self) -> int:
        return self.run.context.repairs

    @property
    def subject(self) -> tuple[str, str]:
        return "integration", ""

    async def write(self) -> Code:
        return self.code

    async def review(self, code: Code, before: Critique) -> Version:
        return Version(checks=beyond(self.known, await checked(with_added(self.material, code), code)))

    async def revise(self, code: Code, version: Version, number: int) -> Code:
        material = self.material
        there = {*code, *material.tests, *material.base, *ALWAYS}
        question = edits_question(
            "debugger", "integration", "repair_of_code", material, code, version.to_mend, number, addable(there)
        )
        return await ask(self.run, question)


async def checked(material: Material, code: Code) -> tuple[Finding, ...]:
    """What checks find in the repository as a whole."""
    found: Sequence[Finding] = await asyncio.to_thread(check_repository, code, material.design)
    return tuple(found)


def beyond(known: Sequence[Finding], found: Sequence[Finding]) -> tuple[Finding, ...]:
    """What was not known before, wherever it stands now."""
    before = {(one.rule, one.file, one.problem) for one in known}
    return tuple(one for one in found if (one.rule, one.file, one.problem) not in before)


def repair_of_run(
    premises: Premises, texts: Code, attempt: Attempt, tried: Sequence[Attempt], number: int, fits: Fits
) -> Question[Code]:
    """Asks for edits of code, packages and settings that mend what went wrong when the repository was run.

    `texts` are those of the attempt; `tried` are attempts that were made of it and were no better.  The tests that
    failed are shown and cannot be edited.  A file that is missing can be added.  What does not fit goes back.
    """
    editable = {path: text for path, text in texts.items() if path not in premises.tests}
    rulings = {ruling.test: ruling for ruling in attempt.rulings}
    failures = [
        (step.step, failure, rulings.get(failure.test))
        for step in attempt.report.steps
        for failure in step.failures
        if not (failure.test in rulings and rulings[failure.test].wrong == "test")
    ]
    shown_failures = list(
        {(f.kind, f.file, f.line, f.message, f.test): (s, f, r) for s, f, r in reversed(failures)}.values()
    )[::-1]
    concerned = {failure.test_file for _, failure, _ in shown_failures} & set(premises.tests)
    tests = {path: premises.tests[path] for path in sorted(concerned)}
    used = count_tokens(premises.prefix) + sum(map(count_tokens, tests.values())) + ROOM
    room = max(premises.window - used, 2_000)
    shown = fitted(editable, _wanted(premises, editable, shown_failures, attempt), room, room)
    task = render(
        "repair_of_run",
        minutes=f"{SECONDS / 60:g}",
        gigabytes=GIGABYTES,
        passed=[step.step for step in attempt.report.steps if step.passed],
        failures=[_item(*failure) for failure in shown_failures[:MOST_FAILURES]],
        imported=imported_packages(editable) if _of_packages(shown_failures) else {},
        more=len(shown_failures[MOST_FAILURES:]),
        checks=attempt.checks,
        tried=[_trial(one) for one in tried],
        tests=[(path, quoted("file", text)) for path, text in tests.items()],
        files=[(path, quoted("file", text)) for path, text in shown.editable.items()],
        others=[(path, quoted("header", text)) for path, text in shown.headers.items()],
    ) + render("edits_form")
    return Question(
        role="debugger",
        stage="execution",
        system=preamble(premises.context),
        prefix=premises.prefix,
        images=premises.images,
        task=task,
        round=premises.rounds + number,
        parse=_fitting(fits, texts, edited(editable, shown.editable, addable({*texts, *premises.there}))),
        trimmed=(*premises.trimmed, *shown.left_out),
        optional=True,
    )


def _fitting(fits: Fits, texts: Code, parse: Parser[Code]) -> Parser[Code]:
    def read(text: str) -> Code:
        answer = parse(text)
        try:
            fits({**texts, **answer})
        except ValueError as error:
            raise AnswerError(f"After these edits {error}") from error
        return answer

    return read


def _wanted(premises: Premises, editable: Code, failures: Sequence[Found], attempt: Attempt) -> list[str]:
    """The files to show in full, first those that must be: where it failed, on the way there, packages and settings.

    Where nothing says which file is wrong, any of them may be.
    """
    places = [_place(premises, failure, ruling) for _, failure, ruling in failures]
    if _of_packages(failures):  # another package is another import
        places += [REQUIREMENTS, *sorted({path for users in imported_packages(editable).values() for path in users})]
    places += [finding.file for finding in attempt.checks]
    known = [path for path in places if path in editable]
    on_the_way = files_in([failure for _, failure, _ in failures], editable)
    rest = [] if len(known) == len(places) else sorted(editable)
    return list(dict.fromkeys([*known, *on_the_way, *(path for path in ALWAYS if path in editable), *rest]))


def _of_packages(failures: Sequence[Found]) -> bool:
    return any(failure.kind in ("package missing", "package impossible") for _, failure, _ in failures)


def _place(premises: Premises, failure: Failure, ruling: Ruling | None) -> str:
    """The file to show first: where the arbiter says, where it failed, or what the test is of."""
    if ruling and ruling.file:
        return ruling.file
    return premises.subjects.get(failure.file, failure.file)


def _item(step: str, failure: Failure, ruling: Ruling | None) -> dict[str, Any]:
    whole = failure.model_dump() | {"step": failure.test or step, "ruling": ruling}
    return whole | {"text": quoted("failure", text_of(failure)), "fix": _fix(failure) if not ruling else ""}


def _fix(failure: Failure) -> str:
    return "Mend the code." if failure.kind == "test failure" else FIXES[failure.kind]


def _trial(attempt: Attempt) -> dict[str, str]:
    lines = [
        line
        for path, text in attempt.changed.items()
        for line in unified_diff(
            attempt.before.get(path, "").splitlines(), text.splitlines(), path, path, n=1, lineterm=""
        )
    ]
    failed = [f"{failure.kind}: {failure.message}" for failure in attempt.report.failures]
    failed += [finding.problem for finding in attempt.checks]
    return {"diff": quoted("diff", "\n".join(lines[:MOST_LINES])), "failed": "; ".join(failed[:3]) or "nothing new"}
