"""`graph` and `demo`: the drawing, and the thin command."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from papercoder.cli.drawing import ASCII, draw, ordered
from papercoder.results import Comparison, compare
from state.events import Event, RunFailed, RunFinished, RunStarted
from state.execution import ExecutionReport, StepReport
from state.ledger import Totals
from state.plan import ExpectedResult
from state.published import Published

NODES = ["__start__", "planning", "critique", "coding", "__end__"]
EDGES = [
    ("__start__", "planning", False), ("planning", "critique", False), ("critique", "planning", True),
    ("critique", "coding", True), ("coding", "__end__", False), ("planning", "__end__", True),
]  # fmt: skip
DRAWING = """
○ START
│
● planning  overall plan: method, data, experiments, metrics
│   ╰→ end ?
│
● critique  checks, then a critic
│   ↺ back to planning ?
│
● coding    each file, as its dependencies finish
│
○ END
"""


def test_drawing() -> None:
    assert draw(NODES, EDGES) == DRAWING.strip().splitlines()


def test_drawing_in_ascii() -> None:
    assert "\n".join(draw(NODES, EDGES, ASCII)).isascii()


def test_order_does_not_depend_on_the_listing() -> None:
    assert ordered(NODES[::-1], EDGES) == NODES


@pytest.fixture
def small_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    from langgraph.graph import END, START, StateGraph

    def build():
        inner = StateGraph(dict)
        inner.add_node("write", lambda state: state)
        inner.add_edge(START, "write")
        outer = StateGraph(dict)
        outer.add_node("planning", lambda state: state)
        outer.add_node("coding", inner.compile())
        outer.add_edge(START, "planning")
        outer.add_edge("planning", "coding")
        outer.add_edge("coding", END)
        return outer.compile()

    pipeline = ModuleType("graph.pipeline")
    pipeline.build = build
    monkeypatch.setitem(sys.modules, "graph.pipeline", pipeline)


@pytest.mark.usefixtures("small_pipeline")
def test_graph(invoke) -> None:
    text = invoke("graph").stdout
    assert [line.split()[1] for line in text.splitlines()[::2]] == ["START", "planning", "coding", "END"]
    assert "write" in invoke("graph", "--xray").stdout
    assert invoke("graph", "--ascii").stdout.isascii()
    assert "planning --> coding" in invoke("graph", "--mermaid").stdout
    assert invoke("graph", "--mermaid", "--ascii").exit_code == 2


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A demo that only says that it is over; the folders it was given."""
    given: list[Path] = []

    def demo(output: Path, home: Path, on_event: Callable[[Event], None]) -> None:
        given.extend([output, home])
        on_event(RunStarted(run="r1", model="replay:demo", output=str(output)))
        if output.name == "bad":
            on_event(RunFailed(run="r1", cause="It broke.", next_step="", exit_code=7, totals=Totals()))
        else:
            on_event(RunFinished(run="r1", published=Published(folder=str(output), files=3), totals=Totals()))

    def comparisons(_repository: Path) -> list[Comparison]:
        expected = ExpectedResult(id="digits/accuracy", what="accuracy", value=93.0, tolerance=1.0, source=["T1"])
        return compare([expected], {"digits/accuracy": 80.0 if given[0].name == "off" else 93.4})

    module = ModuleType("papercoder.demo")
    module.demo = demo
    step = StepReport(step="reproduce", seconds=2.0)

    def run_repository(_repository: Path, environments: Path, logs: Path, _log: object) -> ExecutionReport:
        given.extend([environments, logs])
        return ExecutionReport(mode="full", containment="a box", steps=(step,))

    module.run_repository = run_repository
    module.comparisons = comparisons
    module.write_comparisons = lambda *_: "RESULTS.md"
    module.tests_from_the_paper = lambda *_: (2 if given[0].name == "untrue" else 3, 3)
    monkeypatch.setitem(sys.modules, "papercoder.demo", module)
    return given


def test_demo(play: list[Path], invoke) -> None:
    answer = invoke("demo")
    assert answer.exit_code == 0
    assert "cd papercoder-demo" in answer.stdout
    assert "reproduced in 2 s in a box" in answer.stdout
    assert "1 of 1 numbers" in answer.stdout
    assert "3 of 3 tests pass that were written from the paper" in answer.stdout
    assert "papercoder show" not in answer.stdout
    output, home, environments, logs = play
    assert output == Path("papercoder-demo")
    assert environments == home / "environments", "what the run has installed is not installed again"
    assert logs == Path(".papercoder/executions/demo")
    assert not home.exists()


def test_demo_whose_numbers_are_off(play: list[Path], invoke) -> None:
    answer = invoke("demo", "--output", "off")
    assert "0 of 1 numbers" in answer.stdout
    assert answer.exit_code == 9


def test_demo_that_fails_a_test_from_the_paper(play: list[Path], invoke) -> None:
    answer = invoke("demo", "--output", "untrue")
    assert "2 of 3 tests pass" in answer.stdout
    assert "1 of 1 numbers" in answer.stdout
    assert answer.exit_code == 9


def test_demo_kept(play: list[Path], invoke) -> None:
    answer = invoke("demo", "--output", "here", "--keep")
    assert "papercoder show r1" in answer.stdout
    home = Path(".papercoder")
    assert play == [Path("here"), home, home / "environments", home / "executions" / "demo"]


def test_a_demo_that_fails(play: list[Path], invoke) -> None:
    answer = invoke("demo", "--output", "bad")
    assert answer.exit_code == 7
    assert "papercoder resume" not in answer.stderr
