"""What a specifier answers is read as models write it, and made into one list."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agents.merging import consolidated, in_order
from agents.parts import parts_of
from agents.specifier import consolidation_of, survey_of
from agents.survey import Addition, Consolidated, Surveyed, consolidation_answer, survey_answer
from benchmarks.simulator.malform import VARIANTS, apply
from papercoder.models.answers import AnswerError
from papercoder.models.recordings import Recordings
from papercoder.storage.journal import CallKey
from state.requirements import RequirementDraft
from tests.agents.surveys import a_paper, draft, joined, listed, material_of, survey

ANSWERS = {"survey": survey(draft(1), draft(2)), "consolidation": joined(missing=[draft(1), draft(2)])}


@pytest.mark.parametrize("groups", [
    [["R1", "R2"]], ["R1, R2"], [["[R1]", "R2", "R1"]], ["R1", "R2"], [{"ids": ["R1", "R2"]}], [["R1", "R2"], None, 7],
])  # fmt: skip
def test_groups_are_read_as_models_write_them(groups: Any) -> None:
    assert consolidation_answer()(joined(same=groups)).same == (("R1", "R2"),)


def test_a_group_that_is_a_whole_topic_is_neither_joined_nor_replaced() -> None:
    everything = tuple(one.id for one in listed(30))
    addition = Addition.model_validate(draft(31, instead_of=everything))
    merged = consolidated(listed(30), Consolidated((everything,), (addition,), ()), a_paper(31))
    assert len(merged.drafts) == 31


def test_groups_that_overlap_become_one() -> None:
    merged = consolidated(listed(4), Consolidated((("R1", "R2"), ("R2", "R3")), (), ()), a_paper(4))
    assert [one.source for one in merged.drafts] == [["S1.p1", "S2.p1", "S3.p1"], ["S4.p1"]]


def test_what_names_no_passage_stays_behind_the_one_before_it() -> None:
    drafts = [draft(2), draft(9, source=[], what="silent"), draft(1), draft(3, source=["S7.p7"], what="made up")]
    ordered = in_order([RequirementDraft.model_validate(one) for one in drafts], a_paper(3))
    assert [one.what for one in ordered] == ["decay at step 1", "made up", "decay at step 2", "silent"]


def items(answer: Surveyed | Consolidated) -> int:
    return len(answer.drafts if isinstance(answer, Surveyed) else answer.missing)


@pytest.mark.parametrize("variant", sorted(name for name, v in VARIANTS.items() if v.kind in ("any", "json")))
@pytest.mark.parametrize("which", ANSWERS)
def test_an_answer_gone_wrong_is_read_or_refused(which: str, variant: str, simulated: dict[str, str]) -> None:
    parse: Any = survey_answer() if which == "survey" else consolidation_answer()
    good, text = parse(simulated[which]), apply(variant, simulated[which])
    assert text != simulated[which] or variant == "ok"
    if VARIANTS[variant].whole:
        assert items(parse(text)) == items(good)
        return
    with suppress(AnswerError):
        assert items(parse(text)) > 1


@pytest.fixture(scope="module")
def simulated() -> dict[str, str]:
    """What the simulated model answers to the real prompts."""
    from benchmarks.simulator.answers import AnswerBook

    material = material_of(a_paper(3))
    asked: dict[str, Any] = {
        "survey": survey_of(material, parts_of(material.paper)[0]),
        "consolidation": consolidation_of(material, []),
    }
    return {
        name: AnswerBook(5).reply({"messages": [{"role": "user", "content": q.prefix + "\n" + q.task}]})
        for name, q in asked.items()
    }


async def test_a_recording_is_named_after_its_part(tmp_path: Path, an_answer: Any) -> None:
    part = parts_of(a_paper(3))[0]
    key = CallKey("run", "specification", part.label, "specifier", 0, 0, 1, "digest", ())
    Recordings(tmp_path).write(key, an_answer("x"))
    assert [re.sub(r"\W", "-", p.name) for p in (tmp_path / "specification").iterdir()] == ["S1-to-S3-md"]


@pytest.mark.parametrize(("written", "read"), [
    ("[S1.p1] step 1 is decayed", "step 1 is decayed"), ("[abstract.p1] We fit", "We fit"), ("[E1] $$ a $$", "$$ a $$"),
    ("[12] shows the same", "[12] shows the same"), ("[CLS] is the first token", "[CLS] is the first token"),
])  # fmt: skip
def test_a_quote_that_begins_with_its_passage_s_id_is_read_without_it(written: str, read: str) -> None:
    assert survey_answer()(survey(draft(1, quote=written))).drafts[0].quote == read
