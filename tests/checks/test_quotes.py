"""A quote verifies if the paper has its words where it says; else the model is told what the paper has."""

import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from papercoder.checks.passages import passages_of, trimmed
from papercoder.checks.quotes import draft_problems, quote_problem
from papercoder.documents import read_paper
from state.paper import Block, Paper, Reference, Section
from state.requirements import RequirementDraft

EXAMPLE = Path(__file__).parents[2] / "examples" / "paper"
EXAMPLES = [read_paper(EXAMPLE / name) for name in ("paper.tex", "paper.pdf")]
BLOCKS = [(paper, block) for paper in EXAMPLES for block in paper.blocks() if len(block.text) >= 8]


def paragraph(id: str, text: str) -> Block:
    return Block(id=id, label="§1", kind="paragraph", text=text)


PAPER = Paper(
    title="A paper",
    sections=(
        Section(
            id="S1",
            label="§1",
            number="1",
            title="Training",
            blocks=(
                paragraph("S1.p1", "We do not use dropout. The efﬁcient self-attention layer has $d_{k}=64$ units "
                                   "and nor-"),
                Block(id="F1", label="Fig. 1", kind="figure", text="", caption="The “whole” model’s layers"),
                paragraph("S1.p2", "malised inputs. The learning rate is 0.15 for 10\\,000 steps, ε = 10^{-8}, "
                                   "in 2017."),
                paragraph("S1.p3", "12 layers are trained with $\\eta\\leq 3\\times 10^5$ as before, i.e.\xad, "
                                   "$x_1, \\dots, x_n$."),
                Block(id="E1", label="Eq. 1", kind="equation", notation="latex", number="1",
                      text="\\mathrm{loss}(x) = \\left( x - y \\right)^{2} \\,+\\, \\lambda \\|w\\|"),
                paragraph("S1.p4", "where $\\lambda$ is the strength."),
                Block(id="T1", label="Table 1", kind="table", caption="Settings of all models.",
                      text="| name | rate | size |\n|---|---|---|\n| base model | 0.1 | 128 |\n| large | 12 | 8 |"),
                Block(id="A1", label="Alg. 1", kind="algorithm", caption="Training",
                      text="for t=1 to T\n  sample a batch\n  update θ\nend for"),
                Block(id="N1", label="Note 1", kind="footnote", text="The seed is not stated."),
            ),
        ),
        Section(id="S1.1", label="§1.1", number="1.1", title="Data", level=2,
                blocks=(paragraph("S1.1.p1", "Images are scaled to the unit interval—all of them."),)),
        Section(id="S2", label="§2", number="2", title="Results",
                blocks=(paragraph("S2.p1", "Dropout is used for the baseline only."),)),
    ),
    references=(Reference(id="B1", label="[1]", text="Ada Author. On means. 1843."),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("We do not use dropout", "S1.p1"),
        ("  We do not\nuse   dropout. ", "S1.p1"),
        ("“we do not use dropout”", "S1.p1"),
        ("…do not use dropout…", "S1.p1"),
        ("The efficient self-attention layer", "S1.p1"),
        ("efficient self-\nattention", "S1.p1"),
        ("efficient selfattention layer has d_k=64 units", "S1.p1"),
        ("has $d_k = 64$ units", "S1.p1"),
        ("normalised inputs", "S1.p1"),
        ("units and normalised inputs. The learning rate", "S1.p2"),
        ("for 10,000 steps", "S1.p2"),
        ("ε = 10⁻⁸", "S1.p2"),
        ("\\epsilon = 10^{−8}", "S1.p2"),
        ("in 2017. 12 layers are trained", "S1.p3"),
        ("trained with η ≤ 3 × 10⁵", "S1.p3"),
        ("as before, i.e., $x_1, …, x_n$", "S1.p3"),
        ("loss(x) = (x − y)² + λ", "E1"),
        ("loss(x) = (x - y)^2", "E1"),
        ("12 layers are trained with $\\eta\\leq 3\\times 10^5$ as before", "S1"),
        ("| base model | 0.1 | 128 |", "T1"),
        ("base model 0.1 128", "T1"),
        ("128", "T1"),
        ("0.1", "T1"),
        ("name | rate | size |\n| --- | :-- | --: |\n| base model", "T1"),
        ("Table 1: Settings of all models", "T1"),
        ("Settings of all models", "S1"),
        ("sample a batch\nupdate θ", "A1"),
        ('the "whole" model\'s layers', "F1"),
        ("The seed is not stated.", "N1"),
        ("scaled to the unit interval — all of them", "S1.1.p1"),
        ("scaled to the unit interval", "S1"),
        ("We do not use dropout … learning rate is 0.15", "S1"),
        ("We do not use ... self-attention layer [...] units", "S1.p1"),
        ("On means", "B1"),
        ("1 Training", "S1"),
    ],
)
def test_words_that_the_paper_has_are_found(quote: str, source: str) -> None:
    assert quote_problem(quote, [source], PAPER) == ""
    assert quote_problem(quote, ["S2", source], PAPER) == ""


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("We use dropout", "S1.p1"),
        ("do not dropout use", "S1.p1"),
        ("The learning rate is 0.1", "S1.p2"),
        ("The learning rate is 0", "S1.p2"),
        ("The learning rate is 0.16", "S1.p2"),
        ("5 for 10,000 steps", "S1.p2"),
        ("000 steps", "S1.p2"),
        ("for 10 steps", "S1.p2"),
        ("ε = 10^{8}", "S1.p2"),
        ("3 × 105", "S1.p3"),
        ("201712 layers", "S1.p3"),
        ("2 layers are trained", "S1.p3"),
        ("loss(x) = (x + y)^2", "E1"),
        ("28", "T1"),
        ("large 128", "T1"),
        ("learning rate is 0.15 … do not use dropout", "S1"),
        ("We … a … b … c", "S1.p1"),
        ("…", "S1.p1"),
        ("", "S1.p1"),
        ("| --- |", "T1"),
    ],
)
def test_other_words_are_not(quote: str, source: str) -> None:
    assert quote_problem(quote, [source], PAPER)


@pytest.mark.parametrize(
    ("quote", "source", "says"),
    [
        ("Dropout is used", ["S1.p1"], "The words stand in [S2.p1] instead of [S1.p1]"),
        ("where λ is the strength", ["S7"], "The paper has no passage S7. The words stand in [S1.p4]:"),
        ("We do not use dropout", ["S1.p1", "S7"], "The paper has no passage S7."),
        ("the learning rate", ["Eq. 1"], "The paper has no passage Eq. 1: write E1. "),
        ("learning rate is set to 0.15", ["S1.p2"], "[S1.p2]: “learning rate is 0.15”. Copy it letter by letter."),
        ("Dropout was used for the baseline", ["S1.p2"], "[S2.p1]: “Dropout is used for the baseline”"),
        ("Gradients vanish quickly", ["S1.p2"], "nor anything like them"),
        ("Gradients vanish quickly", [], "stand nowhere in the paper"),
    ],
)
def test_the_model_is_told_what_to_write(quote: str, source: list[str], says: str) -> None:
    assert says in quote_problem(quote, source, PAPER)


def draft(status: str, quote: str = "", *source: str) -> RequirementDraft:
    values = {"kind": "method", "what": "it", "status": status, "quote": quote, "source": source, "choice": "so"}
    return RequirementDraft.model_validate(values)


def test_a_long_paper_s_quotes_are_looked_up_in_one_index() -> None:
    """The index of a paper is made once, however many quotes are looked up."""
    passages_of.cache_clear()
    for _ in range(20):
        assert quote_problem("We do not use dropout", ["S1.p1"], PAPER) == ""
    assert passages_of.cache_info().misses == 1


@pytest.mark.parametrize("hostile", [" " * 100_000, "a " * 9_000, "1" * 100_000, "|" * 100_000, "-\n" * 50_000,
                                     "{" * 100_000, ". . " * 9_000, "abc … " * 3_000])  # fmt: skip
def test_an_absurd_quote_is_refused(hostile: str) -> None:
    assert quote_problem(f"x{hostile}y", ["S1"], PAPER)


def test_only_what_the_paper_does_not_state_needs_no_quote() -> None:
    drafts = [
        draft("specified", "We do not use dropout", "S1.p1"),
        draft("specified", "", "S1.p1"),
        draft("partial", "We do not use dropout"),
        draft("unspecified"),
        draft("unspecified", "", "S1"),
        draft("unspecified", "", "S8"),
        draft("unspecified", "The seed is stated", "N1"),
        draft("partial", "The seed is stated", "N1"),
    ]
    problems = draft_problems(drafts, PAPER)
    assert sorted(problems) == [1, 2, 5, 6, 7]
    assert "`quote`" in problems[1]
    assert "`source`" in problems[2]
    assert problems[5] == "The paper has no passage S8."


# --- any text of real papers


@st.composite
def pieces(draw: st.DrawFn) -> tuple[Paper, Block, str]:
    paper, block = draw(st.sampled_from(BLOCKS))
    start = draw(st.integers(0, len(block.text) - 8))
    end = draw(st.integers(start + 8, len(block.text)))
    numbers = [found.span() for found in re.finditer(r"\d[\d.,]*", block.text)]
    assume(not any(a < cut < b for cut in (start, end) for a, b in numbers))  # a part of a number is another number
    piece = block.text[start:end]
    assume(len(piece.strip()) >= 8 and re.search(r"\w", piece.replace("_", "")))
    return paper, block, piece


@given(pieces())
def test_any_piece_of_a_passage_verifies_in_it(drawn: tuple[Paper, Block, str]) -> None:
    paper, block, piece = drawn
    assert quote_problem(piece, [block.id], paper) == ""


@settings(max_examples=30)
@given(pieces(), st.integers(0, 9))
def test_a_changed_number_does_not(drawn: tuple[Paper, Block, str], digit: int) -> None:
    paper, block, piece = drawn
    assume(found := re.search(r"\d", piece))
    assert found
    changed = f"{piece[: found.start()]}{(int(found[0]) + 1 + digit) % 10}{piece[found.end() :]}"
    assume(changed != piece and changed not in block.text and len(trimmed(changed)) >= 8)
    assert quote_problem(changed, [block.id], paper)


@settings(max_examples=30)
@given(pieces(), st.data())
def test_swapped_or_dropped_words_do_not(drawn: tuple[Paper, Block, str], data: st.DataObject) -> None:
    paper, block, piece = drawn
    assume(". ." not in piece and "..." not in piece)  # what an ellipsis leaves out may be left out
    words = piece.split()
    places = [n for n in range(1, len(words) - 2) if words[n].isalpha() and words[n + 1].isalpha()]
    assume(places)
    at = data.draw(st.sampled_from(places))
    swapped = " ".join([*words[:at], words[at + 1], words[at], *words[at + 2 :]])
    dropped = " ".join([*words[:at], *words[at + 1 :]])
    whole = re.sub(r"\W", "", " ".join(b.text for b in paper.blocks()).casefold())
    for changed in (swapped, dropped):
        if re.sub(r"\W", "", changed.casefold()) not in whole:
            assert quote_problem(changed, [block.id], paper)
