"""What fails of a walkthrough goes back; what stays wrong is kept and told; nothing is mended by leaving it out."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from agents import guiding
from agents.context import Material
from agents.guide import guide
from agents.guiding import Guided
from graph.refinement import REFINEMENT, refined
from state.walkthrough import CellRun, CellsReport, Walkthrough
from tests.publication.walks import WALKTHROUGH

FAILED = CellRun(outcome="failed", error="AssertionError: 5", traceback="Traceback: at 0x7f00deadbeef", printed="y\n")
FIRST, SECOND = WALKTHROUGH.passages
MENDED = Walkthrough(passages=[FIRST, SECOND.model_copy(update={"check": SECOND.check.replace("5", "4")})])
SHORTENED = Walkthrough(passages=[FIRST])

Work = Callable[..., Guided]


@pytest.fixture
def work(material: Material, code: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Work:
    """A guide that gives these versions one after the other, and cells of which those with a 5 fail."""

    def made(*versions: Walkthrough, rounds: int = 1, unexecuted: str = "") -> Guided:
        answers = list(versions)
        questions: list[str] = []

        async def ask(_: Any, question: Any) -> Walkthrough:
            questions.append(question.task)
            return answers.pop(0)

        async def run_cells(cells: list[str]) -> CellsReport:
            if unexecuted:
                return CellsReport(cells=[CellRun() for _ in cells], unexecuted=unexecuted)
            runs = [FAILED if "5" in cell else CellRun(outcome="passed") for cell in cells]
            return CellsReport(cells=runs, containment="a sandbox")

        monkeypatch.setattr(guiding, "ask", ask)
        context = material.context.model_copy(update={"rounds": rounds})
        run: Any = SimpleNamespace(context=context, stream_writer=lambda _: None, questions=questions)
        return Guided(run, guide(material, code, None), run_cells)

    return made


async def test_a_failed_check_goes_back_with_what_it_said_and_nothing_that_changes_from_run_to_run(work: Work) -> None:
    guided = work(WALKTHROUGH, MENDED)
    best, critique = await refined(REFINEMENT, guided)
    assert (best, critique.best, critique.ended) == (MENDED, 1, "nothing to mend")
    revision = guided.run.questions[1]  # type: ignore[attr-defined]
    assert "Check 2 failed: AssertionError: 5\nTraceback: at 0x…\nIt had printed:\ny" in revision
    assert guided.versions[1].report.passed == 2


async def test_one_that_stays_wrong_is_kept_and_stays_open(work: Work) -> None:
    best, critique = await refined(REFINEMENT, work(WALKTHROUGH, rounds=0))
    assert best == WALKTHROUGH
    (found,) = critique.open
    assert (found.rule, found.location, found.problem) == (
        "failed-check", "Noisy labels", "Check 2 failed: AssertionError: 5",
    )  # fmt: skip


async def test_a_passage_that_is_left_out_is_no_better_than_one_that_fails(work: Work) -> None:
    apart = SECOND.model_copy(update={"source": ["T1"]})
    best, critique = await refined(REFINEMENT, work(Walkthrough(passages=[FIRST, apart]), SHORTENED))
    assert critique.ended == "no better"
    assert len(best.passages) == 2
    assert [finding.rule for finding in critique.versions[1].checks] == ["lost-passage"]


async def test_where_nothing_could_be_run_that_is_told_and_nobody_is_blamed(work: Work) -> None:
    best, critique = await refined(REFINEMENT, work(WALKTHROUGH, unexecuted="no containment works"))
    assert best == WALKTHROUGH
    assert critique.open == ()
    assert critique.kept.note == "Its checks were not run: no containment works"
