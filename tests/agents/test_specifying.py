"""The paper becomes requirements: every part is read, quotes are held against it, duplicates are joined."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from agents.context import Material
from agents.model import close_session, open_session
from agents.parts import parts_of
from agents.specifier import specify
from benchmarks.simulator.process import API_KEY, Simulator
from state.context import Context
from state.paper import Paper
from state.requirements import Specification
from state.review import Finding, Review
from tests.agents.surveys import a_paper, corrections, draft, joined, material_of, survey


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


async def test_of_two_choices_for_one_thing_the_first_that_is_named_stays(scripted: Any) -> None:
    half = {"status": "partial", "quote": "step 1 is decayed by the factor 1"}
    once, twice = draft(1, choice="once", **half), draft(1, choice="twice", **half)
    found = await scripted(a_paper(1), survey(once, twice), joined(same=[["R2", "R1"]]))
    assert [requirement.choice for requirement in found.requirements] == ["twice"]


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
