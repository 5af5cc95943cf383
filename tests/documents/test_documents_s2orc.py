"""S2ORC JSON."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from state.paper import Paper

ReadText = Callable[[str, str], Paper]

EQUATION = {"start": 0, "end": 8, "text": "EQUATION", "ref_id": "EQREF", "raw_str": "E = m c 2", "eq_num": "(1)"}
PARAGRAPHS: list[dict[str, Any]] = [
    {"text": "We begin.", "section": "Introduction", "sec_num": "1", "eq_spans": []},
    {"text": "EQUATION", "section": "Energy", "sec_num": "2.1", "eq_spans": [EQUATION]},
    {"text": "It follows that all is well.", "section": "Energy", "sec_num": "2.1", "eq_spans": []},
]
TABLE = '<table><tr><td>A</td><td colspan="2">B</td></tr><tr><td>1</td><td>2</td><td>3 &amp; 4</td></tr></table>'
RAW: dict[str, Any] = {
    "title": "A Paper",
    "authors": [{"first": "Ada", "middle": ["K."], "last": "Lovelace"}],
    "pdf_parse": {
        "abstract": [{"text": "We do things."}],
        "body_text": PARAGRAPHS,
        "back_matter": [{"text": "Thanks.", "section": "Acknowledgement", "sec_num": None}],
        "ref_entries": {
            "FIGREF0": {"text": "Figure 2: A plot.", "type_str": "figure", "fig_num": "2"},
            "TABREF0": {"text": "Scores.", "type_str": "table", "content": TABLE},
        },
        "bib_entries": {"BIBREF1": {"title": "Thing", "raw_text": "A. Body. Thing. 2020."}},
    },
}


@pytest.fixture
def paper(read_text: ReadText) -> Paper:
    return read_text("p.json", json.dumps(RAW))


def test_sections_and_back_matter_are_read(paper: Paper) -> None:
    assert (paper.title, paper.authors) == ("A Paper", ("Ada K. Lovelace",))
    ids = [section.id for section in paper.sections]
    assert ids == ["abstract", "S1", "S2.1", "S-acknowledgement", "S-figures-and-tables"]


def test_formulas_come_back_from_their_spans(paper: Paper) -> None:
    equation = next(block for block in paper.blocks() if block.id == "E1")
    assert (equation.text, equation.notation) == ("E = m c 2", "linearised")
    assert "EQUATION" not in paper.markdown()


def test_formulas_of_a_latex_parse_are_latex_inside_their_lines_and_on_their_own(read_text: ReadText) -> None:
    text = "Let INLINEFORM0 be small. DISPLAYFORM1 holds."
    spans = [
        {"start": 4, "end": 15, "latex": "x_i", "ref_id": "INLINEFORM0"},
        {"start": 26, "end": 38, "ref_id": "DISPLAYFORM1", "eq_num": "3"},
    ]
    body = [{"text": text, "section": "A", "sec_num": "1", "eq_spans": spans}]
    entries = {"DISPLAYFORM1": {"latex": "\\displaystyle x = 1", "text": "x=1"}}
    paper = read_text("p.json", json.dumps({"title": "T", "latex_parse": {"body_text": body, "ref_entries": entries}}))
    shown = [(block.id, block.text, block.notation) for block in paper.blocks()]
    assert shown == [
        ("S1.p1", "Let $x_i$ be small.", "text"),
        ("E3", "x = 1", "latex"),
        ("S1.p2", "holds.", "text"),
    ]


def test_tables_are_markdown_and_figures_have_captions(paper: Paper) -> None:
    blocks = {block.id: block for block in paper.blocks()}
    assert blocks["T1"].text == "| A | B |  |\n|---|---|---|\n| 1 | 2 | 3 & 4 |"
    assert blocks["F2"].caption == "A plot."


def test_references_keep_the_number_the_paper_prints(paper: Paper) -> None:
    assert [(r.id, r.label, r.text) for r in paper.references] == [("B2", "[2]", "A. Body. Thing. 2020.")]


def test_cleaned_json_is_read_and_lost_formulas_are_a_warning(read_text: ReadText) -> None:
    cleaned = [{key: value for key, value in record.items() if key != "eq_spans"} for record in PARAGRAPHS]
    paper = read_text("p.json", json.dumps({"title": "A Paper", "pdf_parse": {"body_text": cleaned}}))
    assert any("EQUATION" in warning for warning in paper.warnings)


def test_odd_values_are_no_crash(read_text: ReadText) -> None:
    span = {"start": "x", "end": None, "raw_str": 5}
    body = [{"text": None}, {"text": "Words.", "section": 3, "sec_num": [], "eq_spans": [span, 7]}, "text"]
    odd = {"title": 7, "authors": "x", "pdf_parse": {"body_text": body, "ref_entries": {"a": 1}, "bib_entries": []}}
    assert read_text("p.json", json.dumps(odd)).title == "7"
