"""`read`: what is understood of a paper."""

import json
from pathlib import Path

import pytest

from state.paper import Paper

EXAMPLE = Path(__file__).parents[2] / "examples" / "paper" / "paper.pdf"


@pytest.fixture
def shown(invoke) -> str:
    return invoke("read", str(EXAMPLE)).stdout


def test_the_outline_has_anchors_pages_and_counts(shown: str) -> None:
    assert "Leave-One-Out Reweighting" in shown
    rows = {line.split()[0]: line for line in shown.splitlines() if line.strip()}
    assert rows["S2"].split()[:4] == ["S2", "1–2", "2", "Method"]
    assert "Table 1: Hyperparameters." in rows["T1"]
    assert "tokens" not in rows["Title"] and "as prompts show it" in rows["Tokens"]
    assert "read off the PDF's glyphs" in rows["Formulas"]


def test_the_markdown_is_what_prompts_show(invoke) -> None:
    paper = Paper.model_validate_json(invoke("read", str(EXAMPLE), "--json").stdout)
    assert invoke("read", str(EXAMPLE), "--markdown").stdout == paper.markdown()


def test_every_block_has_an_anchor_a_label_and_a_place(invoke) -> None:
    data = json.loads(invoke("read", str(EXAMPLE), "--json").stdout)
    blocks = [block for section in data["sections"] for block in section["blocks"]]
    assert len({block["id"] for block in blocks}) == len(blocks)
    assert all(block["label"] and block["location"]["page"] for block in blocks)


def test_what_cannot_be_read_says_why(invoke, folder: Path) -> None:
    answer = invoke("read", "paper.pdf")
    assert answer.exit_code == 3
    assert "damaged" in answer.stderr


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("notes.txt", "This is not a paper at all.", "Only 7 words were found"),
        ("abstract.md", "# A Paper\n\n" + "We show much in few words. " * 40, "Only 240 words were found"),
    ],
)
def test_too_little_text_to_be_a_paper_is_a_warning(invoke, folder: Path, name: str, text: str, found: str) -> None:
    (folder / name).write_text(text)
    answer = invoke("read", name)
    assert answer.exit_code == 0
    assert f"{found}, too little for a paper" in answer.stderr


def test_a_short_supplement_and_a_whole_paper_are_no_such_warning(invoke, folder: Path) -> None:
    (folder / "addendum.md").write_text("Use a learning rate of 0.1.")
    answer = invoke("read", str(EXAMPLE), "--supplement", "addendum.md")
    assert "too little" not in answer.stderr
    assert "S2" in answer.stdout and "X1" in answer.stdout


def test_markdown_and_json_are_two_things(invoke) -> None:
    assert invoke("read", str(EXAMPLE), "--json", "--markdown").exit_code == 2
