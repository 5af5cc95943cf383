"""What a PDF draws beside its text: rules of tables, bars of fractions, boxes over words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.documents import read_paper
from state.paper import Block, Paper

MakePdf = Callable[..., Path]
Item = tuple[str, float, float, float, str] | str

PROSE = "These are the words of an ordinary paragraph that fills the whole line of the page, number {}."


def rule(x0: float, x1: float, y: float) -> str:
    return f"0.4 w {x0} {y} m {x1} {y} l S"


def box(x0: float, y0: float, x1: float, y1: float, colour: str) -> str:
    return f"q {colour} rg {x0} {y0} {x1 - x0} {y1 - y0} re f Q"


def prose(y: float, count: int = 6) -> list[Item]:
    return [(PROSE.format(n), 72, y - 12 * n, 10, "F") for n in range(count)]


def row(y: float, cells: dict[float, str]) -> list[Item]:
    return [(text, x, y, 9, "F") for x, text in cells.items()]


def read(make_pdf: MakePdf, items: list[Item]) -> Paper:
    return read_paper(make_pdf([*prose(740), *items]))


def only(paper: Paper, kind: str) -> Block:
    (found,) = [block for block in paper.blocks() if block.kind == kind]
    return found


def test_a_ruled_table_keeps_sparse_columns_and_empty_cells(make_pdf: MakePdf) -> None:
    table = [
        ("Table 1: Variations.", 100, 640, 10, "F"),
        rule(100, 300, 630),
        *row(620, {104: "name", 150: "width", 190: "drop", 230: "BLEU"}),
        rule(100, 300, 614),
        *row(604, {104: "base", 150: "512", 190: "0.1", 230: "25.8"}),
        *row(592, {104: "(A)", 230: "24.9"}),
        *row(580, {190: "0.3", 230: "25.5"}),
        rule(100, 300, 574),
    ]
    text = only(read(make_pdf, [*table, *prose(540)]), "table").text
    assert text.splitlines() == [
        "| name | width | drop | BLEU |", "|---|---|---|---|", "| base | 512 | 0.1 | 25.8 |", "| (A) |  |  | 24.9 |",
        "|  |  | 0.3 | 25.5 |",
    ]  # fmt: skip


def test_a_head_over_two_columns_is_said_of_both(make_pdf: MakePdf) -> None:
    table = [
        ("Table 2: Scores.", 100, 640, 10, "F"),
        rule(100, 300, 630),
        *row(620, {104: "Model", 190: "BLEU"}),
        rule(160, 250, 616),
        *row(606, {160: "EN-DE", 220: "EN-FR"}),
        rule(100, 300, 600),
        *row(590, {104: "Small", 164: "24.6", 224: "39.92"}),
        *row(578, {104: "Large", 164: "26.3", 224: "41.16"}),
        rule(100, 300, 572),
    ]
    text = only(read(make_pdf, [*table, *prose(540)]), "table").text
    assert text.splitlines()[0] == "| Model | BLEU EN-DE | BLEU EN-FR |"
    assert text.splitlines()[3] == "| Large | 26.3 | 41.16 |"


def test_a_ruled_table_without_a_caption_is_a_table(make_pdf: MakePdf) -> None:
    table = [rule(100, 300, 630), *row(620, {104: "Optimizer", 200: "Adam"}), rule(100, 300, 614)]
    table += [*row(604, {104: "Batch size", 200: "64"}), *row(592, {104: "Epochs", 200: "10"}), rule(100, 300, 586)]
    assert "| Batch size | 64 |" in only(read(make_pdf, [*table, *prose(550)]), "table").text


def test_two_tables_on_a_page_keep_their_rows_apart(make_pdf: MakePdf) -> None:
    def table(number: int, y: float) -> list[Item]:
        return [
            (f"Table {number}: Scores of run {number}.", 100, y, 10, "F"), rule(100, 300, y - 10),
            *row(y - 20, {104: "name", 200: "score"}), rule(100, 300, y - 25),
            *row(y - 35, {104: f"run {number}", 200: f"{number}.5"}), rule(100, 300, y - 40),
        ]  # fmt: skip

    paper = read(make_pdf, [*table(1, 640), *table(2, 580), *prose(500)])
    assert [block.text.splitlines()[-1] for block in paper.blocks() if block.kind == "table"] == [
        "| run 1 | 1.5 |", "| run 2 | 2.5 |",
    ]  # fmt: skip


def test_a_fraction_is_written_in_one_line(make_pdf: MakePdf) -> None:
    formula: list[Item] = [
        ("f(x) =", 200, 600, 10, "F"),
        ("a + b", 232, 607, 10, "F"),
        rule(232, 254.7, 602.5),
        ("2c", 238, 593, 10, "F"),
        ("(3)", 490, 600, 10, "F"),
    ]
    equation = only(read(make_pdf, [*formula, *prose(560)]), "equation")
    assert equation.text == "f(x) = (a + b) / (2c)"
    assert (equation.id, equation.notation) == ("E3", "linearised")


def test_the_rule_between_two_rows_is_no_fraction(make_pdf: MakePdf) -> None:
    table = [("Table 1: Two rows.", 100, 640, 10, "F"), rule(104, 225, 630), *row(620, {104: "name", 200: "score"})]
    table += [rule(104, 225, 616), *row(606, {104: "mine", 200: "12.5"}), rule(104, 225, 602)]
    assert " / " not in read(make_pdf, [*table, *prose(560)]).markdown()


def test_underscores_that_are_drawn_as_rules_are_read(make_pdf: MakePdf) -> None:
    name: list[Item] = [
        ("Set batch", 72, 600, 10, "F"),
        ("size to eight.", 118, 600, 10, "F"),
        rule(114.3, 117.6, 598.9),
    ]
    assert "batch_size" in read(make_pdf, name).markdown()


def test_accents_stand_on_their_letters(make_pdf: MakePdf) -> None:
    acute = ("\xc2", 104.5, 600, 10, "F")  # of the font's own encoding
    letters: list[Item] = [
        ("By Mart", 72, 600, 10, "F"),
        acute,
        ("i", 105.3, 600, 10, "F"),
        ("n says so.", 107.6, 600, 10, "F"),
    ]
    assert "Mart\u00edn says" in read(make_pdf, letters).markdown()


def test_a_number_below_a_formula_is_its_number(make_pdf: MakePdf) -> None:
    wide = "f(x, y) = a(x) + b(y) + c(x, y) + d(x) + e(y) + g(x, y) + h(x) + i(y) + j(x, y) + k(x)"
    math: list[Item] = [(wide, 72, 600, 10, "S"), ("(7)", 490, 588, 10, "F")]
    assert "E7" in read(make_pdf, [*math, *prose(560)]).labels()


@pytest.mark.parametrize(
    ("items", "seen"),
    [
        ([("SECRET", 72, 400, 10, "F"), box(60, 390, 200, 420, "1 1 1")], False),
        ([("SECRET", 72, 400, 10, "F"), box(60, 390, 200, 420, "0 0 1")], False),
        ([box(60, 390, 200, 420, "0 0 1"), ("SECRET", 72, 400, 10, "F1 1 1 rg")], True),
        ([box(60, 390, 200, 420, "0 0 1"), ("SECRET", 72, 400, 10, "F0 0 1 rg")], False),
        ([("SECRET", 72, 400, 10, "F0.99 0.99 0.98 rg")], False),
        ([("SECRET", 72, 400, 10, "F"), box(300, 390, 400, 420, "1 1 1")], True),
    ],
    ids=["under white", "under blue", "white on blue", "blue on blue", "almost white", "beside a box"],
)
def test_words_that_nobody_sees_are_reported_and_left_out(items: list[Item], seen: bool, make_pdf: MakePdf) -> None:
    paper = read(make_pdf, ["0 0 0 rg", *items])
    assert ("SECRET" in paper.markdown()) is seen
    assert any("no reader can see" in warning for warning in paper.warnings) is not seen


def test_a_checklist_is_one_section_that_prompts_do_not_show(make_pdf: MakePdf) -> None:
    heads = {640: "1 Introduction", 600: "2 Method", 560: "NeurIPS Paper Checklist", 400: "A Proofs"}
    items: list[Item] = [(text, 72, y, 14, "B") for y, text in heads.items()]
    items += [*prose(620, 1), *prose(580, 1), ("1. Claims", 72, 540, 12, "B"), *prose(520)]
    items += [("2. Limitations", 72, 430, 12, "B"), *prose(415, 1), *prose(380)]
    paper = read(make_pdf, sorted(items, key=lambda item: -float(item[2])))
    assert [section.title for section in paper.sections][-2:] == ["NeurIPS Paper Checklist", "Proofs"]
    shown = paper.markdown()
    assert "Claims" not in shown and "checklist is left out" in shown
