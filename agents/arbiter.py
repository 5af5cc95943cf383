"""The arbiter: where a test that was written from the paper fails, says whether the code is wrong or the test."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from agents.context import preamble
from agents.editing import fitted
from agents.premises import Premises
from agents.question import Question
from papercoder.models.answers import Parser, json_answer
from papercoder.models.tokens import count_tokens
from prompts import describe, quoted, render
from state.artifacts import Artifact, Sources
from state.execution import Failure, Fault, Ruling
from state.paths import module_name
from state.requirements import Text

CITED = re.compile(r"\bR\d+\b")
MOST = 6
"""Failing tests in one question: more of them are judged less carefully, and mostly fail of the same cause."""
ROOM = 6_000
"""Tokens for instructions, tracebacks, and the form of the answer."""

_FAULTS: dict[str, Fault] = {
    "the code": "code", "implementation": "code", "the implementation": "code", "the test": "test", "tests": "test",
    "code and test": "both", "both wrong": "both",
}  # fmt: skip


def _fault(value: object) -> object:
    """As models write it: `Code`, `the test`."""
    word = str(value).strip().strip("*`.").lower()
    return _FAULTS.get(word, word)


class Ruled(Artifact):
    test: str = Field(description="the test's name as it stands in the heading above")
    wrong: Annotated[Fault, BeforeValidator(_fault)]
    reason: Text = Field("", description="the passage, what follows from it for this input, and what each side has")
    source: Sources = Field(default_factory=list)
    file: Text = Field("", description="the file of the code to mend; empty if the code is right")
    code_change: Text = Field("", description="what the code has to do instead; empty if it is right")
    test_change: Text = Field(
        "", description="what the test has to claim instead, and from which passage; empty if it is right"
    )


class Rulings(Artifact):
    rulings: list[Ruled] = Field(description="one for each failing test, in their order")

    @field_validator("rulings", mode="before")
    @classmethod
    def _one_is_a_list_of_one(cls, value: Any) -> Any:
        return [value] if isinstance(value, dict) else value


def arbitrations(
    premises: Premises, code: Mapping[str, str], failures: Sequence[Failure], number: int
) -> list[Question[list[Ruling]]]:
    """A question for each file of tests, or for a few of its tests where many fail; `number` is the attempt's."""
    by_file: dict[str, list[Failure]] = {}
    for failure in failures:
        if failure.test_file in premises.tests:
            by_file.setdefault(failure.test_file, []).append(failure)
    return [
        _question(premises, code, path, found[first : first + MOST], number, first)
        for path, found in by_file.items()
        for first in range(0, len(found), MOST)
    ]


def _question(
    premises: Premises, code: Mapping[str, str], path: str, failures: Sequence[Failure], number: int, first: int
) -> Question[list[Ruling]]:
    subject, tests = premises.subjects.get(path, ""), premises.tests[path]
    room = max(premises.window - count_tokens(premises.prefix) - count_tokens(tests) - ROOM, 2_000)
    touched = [subject, *(failure.file for failure in failures), *files_in(failures, code)]
    shown = fitted(code, [name for name in dict.fromkeys(touched) if name in code], room, room)
    task = render(
        "arbitration",
        path=path,
        module=module_name(subject) or subject or path,
        failures=[{"test": failure.test, "text": quoted("failure", text_of(failure))} for failure in failures],
        contract=premises.contracts.get(subject, ""),
        requirements=premises.concerned(subject, set(CITED.findall(tests))),
        tests=quoted("file", tests),
        files=[(name, quoted("file", text)) for name, text in shown.editable.items()],
        others=[(name, quoted("header", text)) for name, text in shown.headers.items()],
    )
    return Question(
        role="arbiter",
        stage="execution",
        file=path,
        round=premises.rounds + number,
        sample=first // MOST,
        system=preamble(premises.context),
        prefix=premises.prefix,
        images=premises.images,
        task=task + render("json_form", form=describe(Rulings)),
        parse=_parser([failure.test for failure in failures], code),
        schema=Rulings,
        fan_out=True,
        trimmed=(*premises.trimmed, *shown.left_out),
        optional=True,
    )


def text_of(failure: Failure) -> str:
    return failure.traceback if failure.message in failure.traceback else f"{failure.message}\n{failure.traceback}"


def files_in(failures: Sequence[Failure], code: Mapping[str, str]) -> list[str]:
    """The files that the failures' tracebacks lead through."""
    frames = re.findall(r'File "([^"\n]+)", line', "\n".join(failure.traceback for failure in failures))
    return [name for name in dict.fromkeys(frames) if name in code]


def _parser(tests: Sequence[str], code: Mapping[str, str]) -> Parser[list[Ruling]]:
    whole = json_answer(Rulings)

    def parse(text: str) -> list[Ruling]:
        """A ruling that names its test otherwise belongs to the one at its place; a test without one has none."""
        ruled = whole(text).rulings
        named = {_name(one.test): one for one in ruled}
        in_order = ruled if len(ruled) == len(tests) else [None] * len(tests)
        pairs = [(test, named.get(_name(test)) or other) for test, other in zip(tests, in_order, strict=True)]
        return [_ruling(test, one, code) for test, one in pairs if one]

    return parse


def _name(test: str) -> str:
    return test.strip().strip("`").rpartition("::")[2]


def _ruling(test: str, one: Ruled, code: Mapping[str, str]) -> Ruling:
    return Ruling(
        test=test,
        wrong=one.wrong,
        reason=one.reason,
        source=tuple(one.source),
        code_change=one.code_change or ("" if one.wrong == "test" else one.reason),
        test_change=one.test_change or ("" if one.wrong == "code" else one.reason),
        file=one.file if one.file in code else "",
    )
