"""A walkthrough of the fixtures' paper and code."""

from state.walkthrough import CellRun, CellsReport, Passage, Walked, Walkthrough

CHECK = "from src.model import Ridge\n\nridge = Ridge(1.0)\nassert ridge.fit([1.0], [1.0]) is ridge\nridge.weight"

WALKTHROUGH = Walkthrough(
    passages=[
        Passage(
            title="The closed form",
            source=["E1", "S2.p1"],
            symbols=["src/model.py::Ridge.fit", "src/model.py::EPSILON"],
            explanation=r"`fit` solves Eq. 1; $\lambda$ is `weight`.",
            check=CHECK,
        ),
        Passage(
            title="Noisy labels",
            source=["S2.p1", "T1"],
            symbols=["src/data.py::load"],
            explanation="Labels are drawn, not flipped.",
            check="from src.data import load\nx, y = load(0)\nassert len(y) == 5, y",
        ),
    ]
)
RUNS = [
    CellRun(outcome="passed", printed="shapes\n", value="1.0"),
    CellRun(
        outcome="failed",
        error="AssertionError: [0 1 1 0]",
        traceback='Traceback (most recent call last):\n  File "<cell 2>", line 3\nAssertionError: [0 1 1 0]\n',
    ),
]
WALKED = Walked(walkthrough=WALKTHROUGH, report=CellsReport(cells=RUNS, containment="bubblewrap 0.11.0"))
