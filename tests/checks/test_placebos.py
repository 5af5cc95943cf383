"""Placebos: requirements that neither the paper nor the code has, the same ones every time."""

import re

import pytest

from papercoder.checks.placebos import POOL, placebos
from state.paper import Block, Paper, Section


def paper(text: str) -> Paper:
    block = Block(id="S1.p1", label="§1", kind="paragraph", text=text)
    return Paper(title="A paper", sections=(Section(id="S1", label="§1", title="Method", blocks=(block,)),))


SILENT = paper("We fit a line.")


@pytest.mark.parametrize("what", POOL)
def test_a_placebo_is_given_away_by_its_own_words(what: str) -> None:
    assert re.search(POOL[what], what.lower())
    assert what in placebos(SILENT, {}, len(POOL))
    assert what not in placebos(paper(what), {}, len(POOL))
    assert what not in placebos(SILENT, {"train.py": f"# {what}\n"}, len(POOL))


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("torch.nn.utils.clip_grad_norm_(model.parameters(), 5)", "Gradients are clipped"),
        ("nn.Dropout(0.1)", "Dropout"),
        ("CosineAnnealingLR(optimizer)", "cosine"),
        ("x = transforms.RandomHorizontalFlip()(x)", "flipped"),
    ],
)
def test_what_the_code_does_is_no_placebo(code: str, word: str) -> None:
    assert any(what for what in placebos(SILENT, {}, len(POOL)) if word in what)
    assert not any(what for what in placebos(SILENT, {"a.py": code}, len(POOL)) if word in what)


def test_the_paper_decides_which_are_taken() -> None:
    first = placebos(SILENT, {"a.py": "x = 1", "b.py": ""}, 5)
    assert len(first) == len(set(first)) == 5
    assert placebos(SILENT, {"b.py": "", "a.py": "x = 1"}, 5) == first
    assert placebos(SILENT, {}, 8)[:5] == first
    assert placebos(paper("We fit a curve."), {}, 5) != first
    assert placebos(paper(" ".join(POOL)), {}, 5) == []
