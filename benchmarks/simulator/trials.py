"""Tests of the synthetic project's files, as a tester writes them who knows the contract alone.  They pass."""

from benchmarks.simulator.project import ProjectFile


def tests_path(path: str) -> str:
    """Where the tests of a file stand."""
    return f"tests/test_{path.rpartition('/')[2]}"


def tests_text(file: ProjectFile) -> str:
    return _TESTS.format(module=file.module, name=file.name, cls=file.class_name)


_TESTS = '''"""Tests of {module} from the paper."""

import math

from {module} import {cls}, build


def test_scores_of_silence_are_zero():
    """A score is linear in its values: of zeros it is zero."""
    assert set({cls}().run((0.0, 0.0)).values()) == {{0.0}}


def test_scores_grow_with_their_values():
    """Twice the values give twice the score."""
    once, twice = {cls}().run((0.5, 0.25)), {cls}().run((1.0, 0.5))
    assert all(math.isclose(twice[key], 2 * once[key], rel_tol=1e-9) for key in once)


def test_the_instance_is_shared():
    """Everybody uses the same parts."""
    assert build() is build()
    assert "{name}" in build().run()
'''
