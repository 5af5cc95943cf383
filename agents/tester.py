"""The tester: writes tests of a file from the paper and its contract, before there is code, and never sees any."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agents.author import Author
from agents.context import Material, file_prefix, preamble
from agents.editing import Code, edited
from agents.question import Question
from papercoder.checks.paper_tests import check_tests
from papercoder.models.answers import Parser, fenced, fences, file_answer, strip_reasoning
from prompts import contract, quoted, render
from state.architecture import RESERVED_FILES, Architecture
from state.context import Stage
from state.paths import folded, module_name
from state.requirements import Kind, Requirement
from state.review import Finding

TESTABLE: frozenset[Kind] = frozenset(
    {"method", "equation", "architecture", "data", "training", "evaluation", "baseline"}
)
"""Kinds of requirements that a few lines can hold code to: a value of config.yaml or a result of the paper is none."""
NO_TESTS = re.compile(r"^\W*NO TESTS\b", re.MULTILINE)


def tested(material: Material) -> list[str]:
    """The files that tests are asked for, dependencies first."""
    assert material.architecture and material.logic
    names = places(material.architecture, material.base)
    return [
        path
        for path in material.logic.order()
        if path in names and path != material.architecture.entry_point and testable(material, path)
    ]


def testable(material: Material, path: str) -> list[Requirement]:
    """The file's requirements that tests can be written of."""
    return [requirement for requirement in material.owned(path) if requirement.kind in TESTABLE]


def places(architecture: Architecture, base: Iterable[str] = ()) -> dict[str, str]:
    """File → where its tests stand; nothing for what Python cannot import or a test is already.

    `base` are the files of the repository to build on, which are not replaced.
    """
    taken = {folded(path) for path in (*RESERVED_FILES, *architecture.paths, *base)}
    found: dict[str, str] = {}
    for path in architecture.paths:
        if module_name(path) and not path.startswith("tests/"):
            found[path] = next(name for name in _names(path) if folded(name) not in taken)
            taken.add(folded(found[path]))
    return found


def _names(path: str) -> Iterator[str]:
    """`test_losses.py` of `src/losses.py`, with its folders and a number where others have that name."""
    parts = (module_name(path) or "").split(".")
    yield f"tests/test_{parts[-1]}.py"
    whole = "_".join(parts)
    yield f"tests/test_{whole}.py"
    number = 2
    while True:
        yield f"tests/test_{whole}_{number}.py"
        number += 1


def tester(material: Material, path: str) -> Author[str]:
    """The tests of one file; an empty text where nothing in it can be tested from the paper."""
    assert material.architecture and material.logic
    name = places(material.architecture, material.base)[path]
    requirements = testable(material, path)
    uses = material.logic.task(path).depends_on
    instructions = render(
        "testing",
        path=path,
        module=module_name(path),
        contract=contract(material.contract(path)),
        dependencies="\n\n".join(contract(material.contract(other)) for other in uses),
        requirements=requirements,
    )
    question = Question(
        role="tester",
        stage="testing",
        file=path,
        system=preamble(material.context),
        prefix=file_prefix(material),
        images=material.images,
        task=instructions + render("testing_form", path=name),
        parse=_tests_answer(name),
        fan_out=True,
        trimmed=material.shown_paper[1],
        optional=True,
    )
    return Author(
        question,
        instructions,
        str,
        lambda text: check_tests(name, text, material.design) if text else [],
        requirements,
        answered=lambda text: f"FILE: {name}\n{fenced(text)}",
        called=name,
    )


def _tests_answer(path: str) -> Parser[str]:
    """A parser for the content of a file of tests, or the word that there is nothing to test."""
    whole = file_answer(path)

    def parse(text: str) -> str:
        answer = strip_reasoning(text)
        return "" if NO_TESTS.search(answer) and not fences(answer) else whole(text)

    return parse


def mending(
    material: Material, tests: Mapping[str, str], findings: Sequence[Finding], number: int, stage: Stage = "testing"
) -> Question[Code]:
    """Asks for edits of tests that are wrong.  The answer is all tests with the edits put in; no code is shown.

    A finding of no file among the tests may be mended in any of them.
    """
    assert material.architecture
    named = {finding.file for finding in findings}
    shown = {path: text for path, text in sorted(tests.items()) if path in named or not named <= set(tests)}
    files = [path for path, name in places(material.architecture, material.base).items() if name in shown]
    task = render(
        "repair_of_tests",
        files=[(path, quoted("file", text)) for path, text in shown.items()],
        contracts="\n\n".join(contract(material.contract(path)) for path in files),
        requirements=[requirement for path in files for requirement in testable(material, path)],
        findings=findings,
    ) + render("edits_form")
    return Question(
        role="tester",
        stage=stage,
        system=preamble(material.context),
        prefix=file_prefix(material),
        images=material.images,
        task=task,
        round=number,
        parse=edited(tests, shown),
        trimmed=material.shown_paper[1],
        optional=True,
    )
