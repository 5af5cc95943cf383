"""What `python -m benchmarks.documents` measures: a perfect reading meets every bar, a bad one misses the right one."""

import random
from pathlib import Path

import pytest

from benchmarks.documents.bars import missed
from benchmarks.documents.forms import HEAD, forms_of
from benchmarks.documents.heads import running_heads
from benchmarks.documents.measures import measure
from benchmarks.documents.pairs import pairs
from benchmarks.documents.reading import Reading, of_paper
from papercoder.documents import read_paper

EXAMPLE = Path(__file__).parents[2] / "examples" / "paper"


@pytest.fixture(scope="module")
def truth() -> Reading:
    return of_paper(read_paper(EXAMPLE / "paper.tex"))


def test_the_truth_meets_its_own_bars(truth: Reading) -> None:
    made = measure(truth, truth, [])
    assert not missed(made)
    assert made.rows.value == made.cells.value == 1


def test_the_example_paper_s_pdf_meets_the_bars(truth: Reading) -> None:
    made = measure(of_paper(read_paper(EXAMPLE / "paper.pdf")), truth, running_heads(EXAMPLE / "paper.pdf"))
    assert not missed(made)
    assert made.rows.found == made.rows.of == 10
    assert made.equations and made.equations.value == 1


def spoiled(truth: Reading, **changes: object) -> list[str]:
    return missed(measure(Reading(**{**truth.as_dict(), **changes}), truth, []))  # type: ignore[arg-type]


def test_each_bar_can_be_missed(truth: Reading) -> None:
    shuffled = random.Random(0).sample(truth.prose, len(truth.prose))
    parted = [text.replace("tion", "-\ntion") for text in truth.prose]
    headings = truth.headings or []
    assert any("order" in bar for bar in spoiled(truth, prose=shuffled))
    assert any("prose" in bar for bar in spoiled(truth, prose=truth.prose[: len(truth.prose) // 2]))
    assert any("hyphens" in bar for bar in spoiled(truth, prose=parted))
    assert any("false" in bar for bar in spoiled(truth, headings=[*headings, *[("", f"False {n}") for n in range(3)]]))
    assert any("headings 0." in bar for bar in spoiled(truth, headings=headings[:1]))
    assert any("references" in bar for bar in spoiled(truth, references=truth.references[:1]))


def test_pairs_have_a_stem_or_a_folder_in_common(tmp_path: Path) -> None:
    for name in ("a.pdf", "a.tex", "b.pdf", "c/x.pdf", "c/arxiv.tar.gz", "d/x.pdf", "d/one.tex", "d/two.tex"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [(pair.name, pair.latex.name) for pair in pairs(tmp_path)] == [("a", "a.tex"), ("c", "arxiv.tar.gz")]


def test_each_form_of_the_example_paper_is_held_against_its_latex() -> None:
    rows = {row[1]: dict(zip(HEAD, row, strict=True)) for row in forms_of(EXAMPLE, EXAMPLE / "paper.tex")}
    assert {"LaTeX", "PDF", ".docx", ".odt", ".rtf", ".epub", ".html", ".md"} <= set(rows)
    assert (rows["LaTeX"]["prose"], rows["LaTeX"]["false"]) == ("1.000", "0")
    for form in (".docx", ".odt", ".epub", ".html", ".md"):
        assert float(rows[form]["prose"]) > 0.7
        assert rows[form]["equations"] == rows["LaTeX"]["equations"]
