"""Every passage is read in one part, and every prompt of the specification fits the window."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.context import prefix
from agents.correcting import AT_ONCE, correction_of
from agents.parts import Part, parts_of
from agents.specifier import consolidation_of, listing, read_in, survey_of
from papercoder.models.tokens import count_tokens
from state.paper import Block, Paper, Section
from state.requirements import RequirementDraft, Specification, numbered
from tests.agents.surveys import a_paper, draft, listed, material_of, section


def ids_of(parts: Iterable[Part]) -> list[str]:
    return [block.id for part in parts for section in part.sections for block in section.blocks]


def ids_in(paper: Paper) -> list[str]:
    return ids_of(parts_of(paper))


@given(lengths=st.lists(st.integers(0, 1200), max_size=40))
def test_parts_hold_every_passage_once_and_in_order(lengths: list[int]) -> None:
    paper = Paper(title="t", sections=tuple(section(n, words=words) for n, words in enumerate(lengths, start=1)))
    assert ids_in(paper) == [block.id for block in paper.blocks()]
    assert len({part.label for part in parts_of(paper)}) == len(parts_of(paper))


def test_a_short_paper_is_one_part() -> None:
    (part,) = parts_of(a_paper(5))
    assert part.label == "S1 to S5"
    assert part.text.startswith("## 1 Method [S1]\n\n[S1.p1] The learning rate")


def test_parts_are_of_about_the_same_length() -> None:
    sizes = [part.tokens for part in parts_of(a_paper(60, words=60))]
    assert len(sizes) > 4
    assert max(sizes) < 3_600
    assert max(sizes) - min(sizes) < 1_000


def test_a_section_much_longer_than_a_part_is_cut_between_its_passages() -> None:
    blocks = tuple(
        Block(id=f"S1.p{n}", label="¶", kind="paragraph", text="A long sentence. " * 200) for n in range(1, 31)
    )
    paper = Paper(title="t", sections=(Section(id="S1", label="§1", title="All", blocks=blocks),))
    labels = [part.label for part in parts_of(paper)]
    assert labels[0].startswith("S1.p1 to S1.p")
    assert labels[-1].endswith("S1.p30")
    assert ids_in(paper) == [block.id for block in blocks]


def test_what_nobody_implements_is_in_no_part_unless_a_table_or_a_setting_stands_there() -> None:
    def named(title: str, text: str) -> Section:
        block = Block(id=f"S-{title[:3]}.p1", label="¶", kind="paragraph", text=text)
        return Section(id=f"S-{title[:3]}", label=title, title=title, blocks=(block,))

    paper = Paper(
        title="t",
        sections=(
            section(1),
            named("Acknowledgements", "We thank everybody."),
            named("NeurIPS Paper Checklist", "Answer: yes. The learning rate is 0.1."),
            named("Impact of the batch size", "It is varied: batch size 32 to 512."),
        ),
    )
    assert ids_in(paper) == ["S1.p1", "S-Imp.p1"]


def test_the_scope_is_said_and_every_part_shares_the_beginning() -> None:
    material = material_of(a_paper(40, words=450), scope="Table 1 only")
    questions = [survey_of(material, part) for part in parts_of(material.paper)]
    assert {(q.system, q.prefix, q.fan_out) for q in questions} == {(questions[0].system, prefix(material), True)}
    assert "Table 1 only" in questions[0].system
    assert len({q.task for q in questions}) == len({q.file for q in questions}) == 40


@pytest.mark.parametrize("window", [16_000, 24_000])
def test_of_a_paper_too_long_for_the_window_each_part_is_shown_whole_and_fits(window: int) -> None:
    material = material_of(a_paper(40, words=450), context_window=window, max_output_tokens=4_000)
    assert ids_of(read_in(material)) == [block.id for block in material.paper.blocks()]
    for part in read_in(material):
        question = survey_of(material, part)
        assert question.trimmed
        assert part.text.strip() in question.prefix + question.task
        assert size(question) < material.window
    assert size(consolidation_of(material, listed(400))) < material.window
    wrong = [one.model_copy(update={"problem": "The nearest text is " + "word " * 90}) for one in listed(AT_ONCE)]
    assert size(correction_of(material, wrong)) < material.window


def size(question: Any) -> int:
    return sum(map(count_tokens, (question.system, question.prefix, question.task)))


def test_a_part_that_the_prompt_shows_already_is_not_shown_twice() -> None:
    grateful = Block(id="S2.p1", label="¶", kind="paragraph", text="We thank everybody.")
    thanks = Section(id="S2", label="§2", title="Acknowledgements", blocks=(grateful,))
    paper = Paper(title="t", sections=(section(1), thanks, section(3)))
    (part,) = parts_of(paper)
    assert part.label == "S1 to S3"
    assert "<part-" not in survey_of(material_of(paper), part).task


def test_a_list_too_long_for_the_window_is_cut_line_by_line() -> None:
    drafts = [RequirementDraft.model_validate(draft(n, what=f"{n} " + "word " * 200)) for n in range(1, 200)]
    lines = listing(numbered(drafts, {}), 8_000).split("\n")
    assert len(lines) == len(drafts)
    assert sum(count_tokens(line) + 1 for line in lines) <= 8_000
    assert all(line.startswith(f"- R{n} (training): {n} word") for n, line in enumerate(lines, start=1))


def test_later_prompts_show_the_list_without_quotes_and_a_line_each() -> None:
    silent = draft(2, what="seeds\nand runs", status="unspecified", quote="", choice="five", source=[])
    specification = Specification.model_validate(
        {
            "requirements": [{**draft(1), "id": "R1"}, {**silent, "id": "R2"}],
            "contradictions": [{"id": "C1", "what": "2 {{ x }} 3", "source": ["S2"], "choice": "3"}],
        }
    )
    material = replace(material_of(a_paper(2)), specification=specification)
    shown = prefix(material, "requirements").removeprefix(prefix(material))
    assert "- R1 (training): decay at step 1 [S1.p1]\n- R2 (training, unspecified): seeds and runs → five\n" in shown
    assert "- C1: 2 {{ x }} 3 [S2] → 3\n" in shown
    assert "is decayed by the factor" not in shown
    assert prefix(material_of(a_paper(2)), "requirements") == prefix(material_of(a_paper(2)))
