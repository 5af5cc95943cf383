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


def test_markdown_and_json_are_two_things(invoke) -> None:
    assert invoke("read", str(EXAMPLE), "--json", "--markdown").exit_code == 2
