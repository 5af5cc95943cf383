"""Markdown papers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.documents import read_paper
from state.paper import Paper

ReadText = Callable[[str, str], Paper]

PAPER = """# A Small Paper

Authors: Ada Lovelace, Alan Turing

## Abstract

We do things.

## 1 Introduction

A paragraph
of two lines with $x$.

- one item
- another item

## 2. Method

### 2.1 Loss

$$
a = b \\tag{4}
$$

```math
c = d
```

$$e = f$$ (7)

Table 1: Scores.

| Model | Score |
|---|---|
| Ours | 1.0 |

![Figure 2: A plot.](plot.png)

```python
# not a heading
x = 1
```

## Appendix A Proofs

Trivial.[^1]

[^1]: Really.

## References

[1] Somebody. Something.
2020.
[2] Another. Thing.
"""


@pytest.fixture
def paper(read_text: ReadText) -> Paper:
    return read_text("paper.md", PAPER)


def test_title_authors_and_sections_are_read(paper: Paper) -> None:
    assert (paper.title, paper.authors) == ("A Small Paper", ("Ada Lovelace", "Alan Turing"))
    assert [section.id for section in paper.sections] == ["abstract", "S1", "S2", "S2.1", "SA"]
    assert paper.labels()["SA"] == "App. A"


def test_formulas_carry_the_number_of_their_tag(paper: Paper) -> None:
    equations = [(block.id, block.text) for block in paper.blocks() if block.kind == "equation"]
    assert equations == [("E4", "a = b"), ("S2.1.e1", "c = d"), ("E7", "e = f")]


def test_tables_and_images_take_their_captions(paper: Paper) -> None:
    floats = {block.id: block for block in paper.blocks() if block.kind in ("table", "figure")}
    assert floats["T1"].caption == "Scores."
    assert "| Ours | 1.0 |" in floats["T1"].text
    assert (floats["F2"].caption, floats["F2"].text) == ("A plot.", "")


def test_list_items_are_paragraphs_and_code_is_no_heading(paper: Paper) -> None:
    texts = [block.text for block in paper.blocks()]
    assert "- one item" in texts
    assert "- another item" in texts
    assert "```python\n# not a heading\nx = 1\n```" in texts


def test_references_and_footnotes_are_split(paper: Paper) -> None:
    assert [r.text for r in paper.references] == ["Somebody. Something. 2020.", "Another. Thing."]
    assert paper.labels()["N1"] == "Footnote 1"


def test_blocks_tell_their_line(paper: Paper) -> None:
    assert next(b for b in paper.blocks() if b.id == "S1.p1").location.line == 11


def test_the_same_file_gives_the_same_paper(paper: Paper, read_text: ReadText) -> None:
    assert read_text("paper.md", PAPER).model_dump_json() == paper.model_dump_json()


@pytest.fixture(scope="module")
def pandoc() -> Paper:
    return read_paper(Path(__file__).parent / "pages" / "pandoc.md")


def test_front_matter_names_title_authors_and_abstract(pandoc: Paper) -> None:
    assert (pandoc.title, pandoc.authors) == ("Front Title", ("Ada Lovelace", "Alan Turing"))
    assert pandoc.sections[0].blocks[0].text == "We do *things* with $x$."


def test_front_matter_with_anchors_is_not_expanded(read_text: ReadText) -> None:
    bomb = "\n".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert read_text("p.md", f"---\na: &a [x]\n{bomb}\n---\n\nWords.\n").blocks()[-1].text == "Words."


def test_underlined_headings_are_headings_and_attributes_are_no_text(pandoc: Paper) -> None:
    assert [(section.id, section.level) for section in pandoc.sections[1:]] == [
        ("S-introduction", 1), ("S-details", 2), ("S3", 1),
    ]  # fmt: skip
    assert pandoc.sections[-1].title == "Method"


def test_several_headings_of_the_first_level_are_sections(read_text: ReadText) -> None:
    paper = read_text("p.md", "# Introduction\n\nWords.\n\n# Method\n\nWords.\n")
    assert [section.id for section in paper.sections] == ["S-introduction", "S-method"]


def test_formulas_in_latex_s_own_delimiters_are_formulas(pandoc: Paper) -> None:
    assert [block.text for block in pandoc.blocks() if block.kind == "equation"] == ["a = b", "c = d"]


def test_html_in_markdown_is_read_and_what_it_hides_is_left_out(pandoc: Paper) -> None:
    tables = [(block.caption, block.text.split("\n")[0]) for block in pandoc.blocks() if block.kind == "table"]
    assert tables == [("Scores of pandoc.", "| a | b |"), ("", "| x | y |"), ("", "Col1 | Col2")]
    assert "IGNORE" not in pandoc.markdown()
    assert "IGNORE hidden" in pandoc.warnings[0]


@pytest.mark.parametrize("style", ['style="display:none"', 'style="color:white"', "hidden"])
def test_hidden_words_inside_a_paragraph_are_left_out(read_text: ReadText, style: str) -> None:
    paper = read_text("p.md", f"Words <span {style}>SECRET</span> and `<span {style}>CODE</span>`.\n")
    assert "SECRET" not in paper.markdown()
    assert "CODE" in paper.markdown()
    assert "SECRET" in paper.warnings[0]


SIMPLE = """
  Method     Toxic   $F_1$
  -------- ------- -------
  No Op      0.453   0.193
  DPO        0.208

  : Scores of both.
"""
LINES = """
------------------------
Method       Toxicity
name         after
------------ -----------
No Op        0.453
at all

DPO          0.208
------------------------
"""
GRID = """
::: {#tab:x}
+--------+-----------------+
| Method | Score           |
+:=======+:=======+:======:+
| No Op  | 0.4|x| | 0.193  |
| at all |        |        |
+--------+--------+--------+
| DPO    | 0.208  | 0.195  |
|        +--------+--------+
|        | 0.210  | 0.196  |
+--------+--------+--------+
:::
"""


@pytest.mark.parametrize(
    "rules", ["--- ---\n--- ---", "--- ---\n\n--- ---", "+--+--+\n", "-----\n--- ---", "| a\n+--+"]
)
def test_rules_alone_are_no_table(read_text: ReadText, rules: str) -> None:
    paper = read_text("p.md", f"# A\n\nWords.\n\n{rules}\n")
    assert paper.blocks()[0].text == "Words."
    assert not [block for block in paper.blocks() if block.kind == "table"]


@pytest.mark.parametrize(
    ("source", "rows", "caption"),
    [
        (SIMPLE, ["| Method | Toxic | $F_1$ |", "|---|---|---|", "| No Op | 0.453 | 0.193 |", "| DPO | 0.208 |  |"],
         "Scores of both."),
        (LINES, ["| Method name | Toxicity after |", "|---|---|", "| No Op at all | 0.453 |", "| DPO | 0.208 |"], ""),
        (GRID, ["| Method | Score |  |", "|---|---|---|", r"| No Op at all | 0.4\|x\| | 0.193 |",
                "| DPO | 0.208 | 0.195 |", "|  | 0.210 | 0.196 |"], ""),
    ],
)  # fmt: skip
def test_tables_as_pandoc_writes_them_keep_their_cells(
    read_text: ReadText, source: str, rows: list[str], caption: str
) -> None:
    blocks = read_text("p.md", f"# A\n\nWords before.\n{source}\nWords after.\n").blocks()
    assert [block.kind for block in blocks] == ["paragraph", "table", "paragraph"]
    assert blocks[1].text.split("\n") == rows
    assert blocks[1].caption == caption
    assert (blocks[0].text, blocks[2].text) == ("Words before.", "Words after.")


def test_a_rule_between_paragraphs_is_no_table(read_text: ReadText) -> None:
    blocks = read_text("p.md", "# A\n\nOne.\n\n----------\n\nTwo.\n\n- x -- y\n").blocks()
    assert {block.kind for block in blocks} == {"paragraph"}
    assert {"One.", "Two."} <= {block.text for block in blocks}


def test_a_formula_that_begins_in_a_line_of_text_is_an_equation(read_text: ReadText) -> None:
    formula = "$$\\begin{equation}\n\\label{eq:a}\na = b \\tag{3}\n\\end{equation}$$"
    blocks = read_text("p.md", f"# A\n\nWe train by {formula} where $a$ is one, and $$b$$ two.\n").blocks()
    assert [(block.kind, block.text, block.number) for block in blocks] == [
        ("paragraph", "We train by", ""),
        ("equation", "a = b", "3"),
        ("paragraph", "where $a$ is one, and $$b$$ two.", ""),
    ]
