"""What is read from the example paper's PDF is what its LaTeX says."""

from pathlib import Path

import pytest

from papercoder.documents import read_paper
from state.paper import Paper

FOLDER = Path(__file__).parents[2] / "examples" / "paper"


@pytest.fixture(scope="module")
def paper() -> Paper:
    return read_paper(FOLDER / "paper.pdf")


def test_sections_have_the_numbers_that_are_printed_an_appendix_before_the_references_too(paper: Paper) -> None:
    assert [section.id for section in paper.sections] == ["abstract", "S1", "S2", "S3", "S4", "SA"]
    assert paper.labels()["SA"] == "App. A"


def test_ligatures_do_not_tear_words_apart(paper: Paper) -> None:
    text = paper.markdown()
    assert "coefficients" in text
    assert "differences" in text
    assert " f f" not in text


def test_every_numbered_equation_table_and_algorithm_can_be_cited(paper: Paper) -> None:
    labels = paper.labels()
    assert {f"E{n}" for n in range(1, 8)} | {"T1", "T2", "T3", "A1", "N1"} <= set(labels)


def test_table_rows_keep_their_cells(paper: Paper) -> None:
    table = next(block for block in paper.blocks() if block.id == "T2")
    assert "| LOOR | 95.4 ± 0.5 | 93.0 ± 0.8 | 95.9 ± 0.6 | 92.9 ± 1.0 |" in table.text


def test_the_latex_source_gives_the_same_sections(paper: Paper) -> None:
    latex = read_paper(FOLDER / "paper.tex")
    assert [section.title for section in latex.sections] == [section.title for section in paper.sections]
