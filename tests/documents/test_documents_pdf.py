"""PDF papers, written by the test in plain PDF syntax."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.documents import read_paper
from state.paper import Block, Paper

MakePdf = Callable[..., Path]
Text = tuple[str, float, float, float, str]

BODY, LEADING = 10.0, 12.0
LINES = [
    "The model reads the whole input at once and produces all of its outputs in a few",
    "steps. Every step attends to the steps before it, and nothing else is necessary for",
]


def prose(y: float, lines: list[str], x: float = 72, size: float = BODY) -> list[Text]:
    return [(line, x, y - LEADING * n, size, "F") for n, line in enumerate(lines)]


def page_one() -> list[Text]:
    return [
        ("A Small Paper About Attention", 150, 730, 17, "B"),
        ("Ada Lovelace", 180, 705, 10, "F"),
        ("Alan Turing", 360, 705, 10, "F"),
        ("Abstract", 280, 680, 12, "B"),
        *prose(660, ["We show that attention is enough for a great many things that matter to peo-", "ple today."]),
        ("1 Introduction", 72, 620, 12, "B"),
        *prose(600, [*LINES, "convergence."]),
        *prose(556, ["A second paragraph says that the well-known result of the first one holds in all the", "cases."]),
        ("2 Method", 72, 520, 12, "B"),
        ("2.1 Loss", 72, 500, 10, "B"),
        *prose(482, ["The loss of the model is the following function of its input and of its parameters, where"]),
        ("FFN(x) = max(0, xW", 200, 455, 10, "F"),
        ("1", 291, 453, 7, "F"),
        (" + b", 295, 455, 10, "F"),
        ("1", 313, 453, 7, "F"),
        (")", 317, 455, 10, "F"),
        ("(2)", 455, 455, 10, "F"),
        *prose(430, ["and the number of its parameters is given by the size of the inner layer of the network."]),
        ("Table 1: Scores of the models.", 72, 400, 10, "F"),
        *[(text, x, 380, 10, "F") for text, x in (("Model", 100), ("Score", 220), ("Size", 340))],
        *[(text, x, 368, 10, "F") for text, x in (("Small", 100), ("1.0", 220), ("65M", 340))],
        *[(text, x, 356, 10, "F") for text, x in (("Large", 100), ("2.0", 220), ("213M", 340))],
        *prose(320, [LINES[0], LINES[1], "the results."]),
        ("1", 80, 93, 6, "F"),
        ("A footnote about the scores.", 84, 90, 8, "F"),
        ("1", 300, 30, 10, "F"),
    ]


def page_two() -> list[Text]:
    return [
        ("References", 72, 700, 12, "B"),
        *prose(680, ["[1] A. Body. A thing about things. 2019.", "[2] B. Body. Another", "thing. 2020."]),
        ("2", 300, 30, 10, "F"),
    ]


@pytest.fixture
def paper(make_pdf: MakePdf) -> Paper:
    return read_paper(make_pdf(page_one(), page_two()))


def by_id(paper: Paper) -> dict[str, Block]:
    return {block.id: block for block in paper.blocks()}


def test_title_authors_and_sections_are_found_by_their_type(paper: Paper) -> None:
    assert paper.title == "A Small Paper About Attention"
    assert paper.authors == ("Ada Lovelace", "Alan Turing")
    assert [section.id for section in paper.sections] == ["abstract", "S1", "S2", "S2.1"]


def test_hyphens_of_line_breaks_are_undone(paper: Paper) -> None:
    assert by_id(paper)["abstract.p1"].text.endswith("that matter to people today.")


def test_paragraphs_are_told_apart_and_know_their_page(paper: Paper) -> None:
    first, second = by_id(paper)["S1.p1"], by_id(paper)["S1.p2"]
    assert first.text.startswith("The model reads")
    assert first.text.endswith("convergence.")
    assert second.text.startswith("A second paragraph")
    assert first.location.page == 1


def test_a_formula_keeps_its_number_and_its_subscripts(paper: Paper) -> None:
    equation = by_id(paper)["E2"]
    assert equation.text == "FFN(x) = max(0, xW_1 + b_1)"
    assert (equation.number, equation.notation) == ("2", "linearised")


def test_aligned_rows_below_a_caption_are_a_table(paper: Paper) -> None:
    table = by_id(paper)["T1"]
    assert table.caption == "Scores of the models."
    rows = ["| Model | Score | Size |", "|---|---|---|", "| Small | 1.0 | 65M |", "| Large | 2.0 | 213M |"]
    assert table.text.split("\n") == rows


def test_footnotes_are_blocks_and_page_numbers_are_gone(paper: Paper) -> None:
    assert by_id(paper)["N1"].text == "A footnote about the scores."
    assert not any(block.text in ("1", "2") for block in paper.blocks())


def test_references_are_split_by_their_numbers(paper: Paper) -> None:
    assert [r.id for r in paper.references] == ["B1", "B2"]
    assert paper.references[1].text == "B. Body. Another thing. 2020."


def test_two_columns_are_read_one_after_the_other(make_pdf: MakePdf) -> None:
    left = [f"left column line {n} with some words in it" for n in range(30)]
    right = [f"right column line {n} with some words in it" for n in range(30)]
    paper = read_paper(make_pdf(prose(700, left) + prose(700, right, x=320)))
    text = " ".join(block.text for block in paper.blocks())
    assert text.index("left column line 29") < text.index("right column line 0")


def test_running_heads_are_removed(make_pdf: MakePdf) -> None:
    pages = [[("Journal of Things", 72, 760, 9, "F"), *prose(700, LINES * 8)] for _ in range(4)]
    assert "Journal of Things" not in read_paper(make_pdf(*pages)).markdown().split("\n", 1)[1]


def test_the_same_file_gives_the_same_paper(paper: Paper, make_pdf: MakePdf) -> None:
    assert read_paper(make_pdf(page_one(), page_two())).model_dump_json() == paper.model_dump_json()


def test_many_pages_take_time_in_proportion(make_pdf: MakePdf) -> None:
    seconds = []
    for count in (10, 40):
        path = make_pdf(*[prose(700, LINES * 20) for _ in range(count)])
        started = time.monotonic()
        read_paper(path)
        seconds.append(time.monotonic() - started)
    assert seconds[1] < 12 * seconds[0] + 1


@pytest.mark.long
def test_five_hundred_pages_take_ten_times_as_long_as_fifty(make_pdf: MakePdf) -> None:
    seconds = []
    for count in (50, 500):
        path = make_pdf(*[prose(700, LINES * 20) for _ in range(count)])
        started = time.monotonic()
        read_paper(path)
        seconds.append(time.monotonic() - started)
    assert seconds[1] < 13 * seconds[0]
