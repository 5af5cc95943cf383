"""The paper becomes requirements: every part is read, quotes are held against it, duplicates are joined."""

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.context import Material, prefix
from agents.correcting import AT_ONCE, correction_of
from agents.merging import consolidated, in_order
from agents.model import close_session, open_session
from agents.parts import Part, parts_of
from agents.specifier import consolidation_of, listing, read_in, specify, survey_of
from agents.survey import Addition, Consolidated, Surveyed, consolidation_answer, survey_answer
from benchmarks.simulator.malform import VARIANTS, apply
from benchmarks.simulator.process import API_KEY, Simulator
from papercoder.models.answers import AnswerError
from papercoder.models.recordings import Recordings
from papercoder.models.tokens import count_tokens
from papercoder.storage.journal import CallKey
from state.context import Context
from state.paper import Block, Paper, Section
from state.requirements import Requirement, RequirementDraft, Specification, numbered
from state.review import Finding, Review

PROSE = "The learning rate of step {n} is decayed by the factor {n} while the loss is summed over all tokens. "


def section(number: int, *, words: int = 1, title: str = "Method") -> Section:
    text = PROSE.format(n=number) + "More is said about it here. " * words
    block = Block(id=f"S{number}.p1", label=f"§{number}", kind="paragraph", text=text)
    return Section(id=f"S{number}", label=f"§{number}", number=str(number), title=title, blocks=(block,))


def a_paper(sections: int, words: int = 1) -> Paper:
    return Paper(title="t", sections=tuple(section(number, words=words) for number in range(1, sections + 1)))


def material_of(paper: Paper, **changes: Any) -> Material:
    context = Context(model="test:m", **{"context_window": 100_000, **changes})
    return Material(context=context, paper=paper)


def draft(number: int = 1, **changes: Any) -> dict[str, Any]:
    fields = {
        "kind": "training",
        "what": f"decay at step {number}",
        "source": [f"S{number}.p1"],
        "quote": f"step {number} is decayed by the factor {number}",
        "weight": 3,
    }
    return fields | changes


def survey(*drafts: dict[str, Any]) -> str:
    return f"```json\n{json.dumps({'requirements': drafts})}\n```"


def joined(**found: Any) -> str:
    return f"```json\n{json.dumps({'same': [], 'missing': [], 'contradictions': []} | found)}\n```"


# --- parts


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


# --- asking


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(files=5, scale=0.002) as running:
        yield running


@pytest.fixture
async def over_http(
    simulator: Simulator, journal: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Any, Context]]:
    """A runtime whose questions go to the simulated provider."""
    simulator.reset()
    simulator.set_faults([])
    monkeypatch.setenv("OPENAI_API_KEY", API_KEY)
    context = Context(model="openai:o3-mini", base_url=simulator.base_url, scope="Only Table 1")
    await open_session("unsaved", context, journal)
    yield SimpleNamespace(context=context, execution_info=None, stream_writer=lambda event: None), context
    close_session("unsaved")


async def test_forty_parts_become_one_list_of_verified_requirements(over_http: Any, simulator: Simulator) -> None:
    runtime, context = over_http
    paper = a_paper(40, words=450)
    assert len(parts_of(paper)) == 40
    found = await specify(runtime, Material(context=context, paper=paper))
    assert found.unverified == []
    assert found.ids == [f"R{n}" for n in range(1, len(found.ids) + 1)]
    assert len(found.ids) == 40 * 12 - 1 + 2
    assert [contradiction.id for contradiction in found.contradictions] == ["C1"]
    assert found.contradictions[0].requirements == ["R1"]
    asked = simulator.records()[-41:]
    assert {record.file for record in asked if record.stage == "specification"} == {f"S{n}" for n in range(1, 41)}
    assert [record.stage for record in asked].count("consolidation") == 1


async def test_a_truncated_answer_is_continued(over_http: Any, simulator: Simulator) -> None:
    runtime, context = over_http
    whole = await specify(runtime, Material(context=context, paper=a_paper(3)))
    simulator.set_faults([{"kind": "length", "frac": 0.4, "turn": "first"}])
    other = a_paper(3).model_copy(update={"title": "u"})
    assert await specify(runtime, Material(context=context, paper=other)) == whole
    assert [record.turn for record in simulator.records()[-4:]] == ["first", "continuation"] * 2


@pytest.mark.parametrize("stage", ["specification", "consolidation"])
async def test_an_answer_without_use_is_asked_for_again(over_http: Any, simulator: Simulator, stage: str) -> None:
    runtime, context = over_http
    simulator.set_faults([{"kind": "malformed", "variant": "wrapped_in_a_key", "stage": stage, "times": 1}])
    found = await specify(runtime, Material(context=context, paper=a_paper(2)))
    assert len(found.ids) == 13
    assert len(found.contradictions) == 1


@pytest.fixture
async def scripted(bench: Any) -> AsyncIterator[Any]:
    """`specify` on a paper, with the given answers; the bench has what was asked."""

    async def ask(paper: Paper, *answers: Any, **changes: Any) -> Specification:
        bench.script.answers = list(answers)
        material = replace(material_of(paper), **changes)
        await open_session("unsaved", material.context, bench.journal)
        runtime: Any = SimpleNamespace(context=material.context, execution_info=None, stream_writer=bench.emit)
        return await specify(runtime, material)

    yield ask
    close_session("unsaved")


def corrections(*corrections: dict[str, Any]) -> str:
    return f"```json\n{json.dumps({'corrections': corrections})}\n```"


MISQUOTED = survey(draft(1), draft(2, quote="step 2 is warmed up linearly"))


async def test_a_quote_that_is_not_in_the_paper_goes_back_once_and_is_then_marked(scripted: Any, bench: Any) -> None:
    still = corrections({"id": "R2", "quote": "step 2 is warmed up for long", "source": ["S2.p1"]})
    found = await scripted(a_paper(2), MISQUOTED, joined(), still)
    *_, asked = bench.script.requests
    sent_back = asked.messages[-1].text.split("# Stage: correction of R2")[1]
    assert "quoted: step 2 is warmed up linearly" in sent_back
    assert "decay at step 1" not in sent_back
    assert len(bench.script.requests) == 3
    assert [requirement.problem != "" for requirement in found.requirements] == [False, True]
    assert found.requirements[1].quote == "step 2 is warmed up linearly"
    assert found.unverified == [found.requirements[1]]


async def test_a_quote_that_is_mended_is_not_marked(scripted: Any) -> None:
    mended = corrections({"id": "[R2]", "quote": "step 2 is decayed by the factor 2", "source": "[S2.p1]"})
    found = await scripted(a_paper(2), MISQUOTED, joined(), mended)
    assert found.unverified == []
    assert [requirement.what for requirement in found.requirements] == ["decay at step 1", "decay at step 2"]


async def test_what_the_paper_says_otherwise_or_not_at_all_is_said_so(scripted: Any) -> None:
    wrong = survey(draft(1, quote="a quote of nowhere"), draft(2, source=["S9"]), draft(3, quote="neither is this"))
    answer = corrections(
        {"id": "R1", "quote": "decayed by the factor 1", "source": ["S1.p1"], "what": "decay by 1"},
        {"id": "R2", "what": "how long to train", "choice": "ten epochs"},
        {"id": "R3"},
        {"id": "R77", "quote": "decayed", "source": ["S1.p1"]},
    )
    found = await scripted(a_paper(3), wrong, joined(), answer)
    assert [(r.what, r.status, r.choice, r.problem != "") for r in found.requirements] == [
        ("decay by 1", "specified", "", False),
        ("how long to train", "unspecified", "ten epochs", False),
        ("decay at step 3", "specified", "", True),
    ]


async def test_a_run_goes_on_without_a_usable_correction(scripted: Any, bench: Any) -> None:
    found = await scripted(a_paper(2), MISQUOTED, joined(), "I cannot do that.")
    assert len(found.unverified) == 1
    assert "warned" in bench.kinds()


async def test_many_wrong_quotes_go_back_in_groups_and_what_was_right_is_not_asked_again(
    over_http: Any, simulator: Simulator
) -> None:
    runtime, context = over_http
    paper = a_paper(3)
    wrong = survey(draft(1), *(draft(2, quote=f"words of nowhere {n}") for n in range(50)))
    simulator.set_faults([{"kind": "replace", "text": wrong, "stage": "specification"}])
    found = await specify(runtime, Material(context=context, paper=paper))
    assert found.unverified == []
    groups = [record.file for record in simulator.records() if record.stage == "correction"]
    assert len(groups) == 5
    assert {"R2 to R13", "R38 to R49", "R50"} <= set(groups)


async def test_one_item_without_the_form_costs_that_item_alone(scripted: Any, bench: Any) -> None:
    half = survey(draft(1), draft(2, status="unspecified", quote="", choice=""))
    found = await scripted(a_paper(2), half, half, joined())
    assert "so `choice` must say what the implementation does" in bench.script.requests[1].messages[-1].text
    assert [requirement.what for requirement in found.requirements] == ["decay at step 1"]


async def test_kind_and_status_are_read_as_models_write_them(scripted: Any) -> None:
    odd = draft(1, kind="Metrics", status="Not specified", choice="once", quote="", source=None, weight="4.0")
    found = await scripted(a_paper(1), survey(odd), joined())
    (one,) = found.requirements
    assert (one.kind, one.status, one.weight) == ("evaluation", "unspecified", 4)


@pytest.mark.parametrize(("written", "read"), [
    ("[S1.p1] step 1 is decayed", "step 1 is decayed"), ("[abstract.p1] We fit", "We fit"), ("[E1] $$ a $$", "$$ a $$"),
    ("[12] shows the same", "[12] shows the same"), ("[CLS] is the first token", "[CLS] is the first token"),
])  # fmt: skip
def test_a_quote_that_begins_with_its_passage_s_id_is_read_without_it(written: str, read: str) -> None:
    assert survey_answer()(survey(draft(1, quote=written))).drafts[0].quote == read


async def test_a_requirement_said_twice_is_kept_once(scripted: Any) -> None:
    open_first = draft(1, status="unspecified", choice="none", quote="", source=["S1"])
    stated = draft(2, weight=5)
    found = await scripted(
        a_paper(3),
        survey(open_first, stated, draft(3)),
        joined(
            same=[["R1", "R2", "R77"], ["nonsense"], "R3"],
            contradictions=[
                {
                    "what": "2 against 3",
                    "source": ["S2.p1", "S3.p1"],
                    "choice": "3",
                    "requirements": ["R2", "R3", "R8"],
                }
            ],
        ),
    )
    assert [(r.id, r.status, r.source, r.weight) for r in found.requirements] == [
        ("R1", "specified", ["S2.p1", "S1"], 5),
        ("R2", "specified", ["S3.p1"], 3),
    ]
    assert found.contradictions[0].requirements == ["R1", "R2"]


async def test_what_was_missed_stands_where_the_paper_has_it(scripted: Any) -> None:
    found = await scripted(
        a_paper(3), survey(draft(1), draft(3)), joined(missing=[draft(2), draft(3, what="new", instead_of=["R2"])])
    )
    assert [requirement.what for requirement in found.requirements] == ["decay at step 1", "decay at step 2", "new"]


async def test_a_person_s_words_change_the_list_without_reading_the_paper_anew(scripted: Any, bench: Any) -> None:
    paper = a_paper(3)
    written = await scripted(paper, survey(draft(1), draft(2), draft(3)), joined())
    review = Review(round=1, findings=(Finding(problem="R3 is out of scope.", fix="Drop it."),))
    bench.script.requests.clear()
    found = await scripted(
        paper,
        joined(dropped=["R3"], missing=[draft(1, weight=5, instead_of=["R1"])]),
        specification=written,
        reviews={"specification": review},
    )
    (request,) = bench.script.requests
    assert "R3 is out of scope. Drop it." in request.messages[1].text
    assert [(r.id, r.weight) for r in found.requirements] == [("R1", 5), ("R2", 3)]


# --- prompts


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


# --- reading answers

ANSWERS = {"survey": survey(draft(1), draft(2)), "consolidation": joined(missing=[draft(1), draft(2)])}


@pytest.mark.parametrize("groups", [
    [["R1", "R2"]], ["R1, R2"], [["[R1]", "R2", "R1"]], ["R1", "R2"], [{"ids": ["R1", "R2"]}], [["R1", "R2"], None, 7],
])  # fmt: skip
def test_groups_are_read_as_models_write_them(groups: Any) -> None:
    assert consolidation_answer()(joined(same=groups)).same == (("R1", "R2"),)


def listed(count: int) -> list[Requirement]:
    return numbered([RequirementDraft.model_validate(draft(n)) for n in range(1, count + 1)], {})


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
