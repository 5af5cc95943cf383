"""One of a thing is not several."""

import pytest

from state.counts import counted


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 quotes"), (1, "1 quote"), (2, "2 quotes"), (1200, "1,200 quotes")]
)
def test_a_noun_has_the_number_of_what_it_counts(number: int, words: str) -> None:
    assert counted(number, "quote") == words


def test_a_noun_may_have_a_plural_of_its_own() -> None:
    assert counted(1, "dependency", "dependencies") == "1 dependency"
    assert counted(3, "dependency", "dependencies") == "3 dependencies"
