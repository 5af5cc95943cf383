"""Tests of the synthetic project's files, as a tester writes them who knows the contract alone.  They pass."""

import re
from collections.abc import Sequence

from benchmarks.simulator.project import ProjectFile

_TO_TEST = re.compile(r"^- (R\d+) \(weight \d\): ", re.MULTILINE)


def requirements_in(prompt: str) -> list[str]:
    """The ids of the requirements that tests are asked for."""
    return list(dict.fromkeys(_TO_TEST.findall(prompt)))


def tests_path(path: str) -> str:
    """Where the tests of a file stand."""
    return f"tests/test_{path.rpartition('/')[2]}"


def tests_text(file: ProjectFile, requirements: Sequence[str], careless: bool) -> str:
    """A careless tester adds one that claims nothing."""
    cited = f"[{', '.join(requirements)}]" if requirements else "Abstract"
    text = _TESTS.format(module=file.module, name=file.name, cls=file.class_name, cited=cited)
    return text + (_CLAIMS_NOTHING.format(cls=file.class_name, cited=cited) if careless else "")


_TESTS = '''"""Tests of {module} from the paper."""

import math

from {module} import {cls}, build


def test_scores_of_silence_are_zero():
    """{cited}: a score is linear in its values, and of zeros it is zero."""
    assert set({cls}().run((0.0, 0.0)).values()) == {{0.0}}


def test_scores_grow_with_their_values():
    """{cited}: twice the values give twice the score."""
    once, twice = {cls}().run((0.5, 0.25)), {cls}().run((1.0, 0.5))
    assert all(math.isclose(twice[key], 2 * once[key], rel_tol=1e-9) for key in once)


def test_the_instance_is_shared():
    """{cited}: everybody uses the same parts."""
    assert build() is build()
    assert "{name}" in build().run()
'''

_CLAIMS_NOTHING = '''

def test_it_runs():
    """{cited}: there are scores."""
    {cls}().run((0.5,))
'''
