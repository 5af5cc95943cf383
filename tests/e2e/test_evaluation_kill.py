"""`kill -9` in mid-evaluation: no committed judgement is asked for again, and the report is the same."""

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

LEAVES = 12
CODE = {
    "model.py": "class Model:\n    def forward(self, x):\n        return x\n",
    "data.py": "def load(n):\n    return n\n",
}
CASES = {
    "samples": ("judging", 8, ["evaluate", "code", "-n", "8"]),
    "leaves": ("grading", LEAVES, ["evaluate", "code", "--rubric", "rubric.json"]),
    "pairs": ("comparing", 6, ["compare", "code", "other", "-n", "3"]),
}
MOMENTS = {"arrival": ("arrival", 0.0), "delivered": ("delivered", 0.0), "+10 ms": ("delivered", 0.01)}
SAMPLE = {("samples", 1, "+10 ms"), ("leaves", 7, "delivered"), ("pairs", 4, "arrival")}


def points() -> list[object]:
    every = [
        (case, nth, moment)
        for case, (_, calls, _) in CASES.items()
        for nth in sorted({1, calls // 2 + 1, calls - 2})
        for moment in MOMENTS
    ]
    marks = {point: () if point in SAMPLE else pytest.mark.long for point in every}
    return [pytest.param(*point, marks=marks[point], id="-".join(map(str, point))) for point in every]


def furnish(folder: Path) -> None:
    leaves = [
        {"id": "same", "requirements": f"There is a {word}.", "weight": 1, "sub_tasks": [],
         "task_category": "Code Development"}
        for word in (["model", "gizmo", "load"] * LEAVES)[:LEAVES]
    ]  # fmt: skip
    rubric = {"id": "same", "requirements": "All.", "weight": 1, "sub_tasks": leaves, "task_category": None}
    (folder / "rubric.json").write_text(json.dumps(rubric), encoding="utf-8")
    for name in ("code", "other"):
        (folder / name).mkdir()
        for path, text in CODE.items():
            (folder / name / path).write_text(text if name == "code" else text * 2, encoding="utf-8")


def command(case: str) -> list[str]:
    return [*CASES[case][2], "--paper", "paper.md", "--model", "openai:o3-mini", "--output", "out", "--json"]


def files(folder: Path, run: str) -> dict[str, str]:
    """The report, with the run's id taken out."""
    return {path.name: path.read_text(encoding="utf-8").replace(run, "RUN") for path in folder.glob("report.*")}


@pytest.fixture(scope="session")
def undisturbed(desk_at: Callable[..., object], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The report of each case."""
    reports = {}
    for case in CASES:
        desk = desk_at(tmp_path_factory.mktemp("undisturbed") / case)
        furnish(desk.folder)
        reports[case] = files(desk.output, desk.ends(0, *command(case)).run)
    return reports


@pytest.mark.parametrize(("case", "nth", "moment"), points())
def test_no_committed_judgement_is_asked_for_again(slow_desk, undisturbed, case: str, nth: int, moment: str) -> None:
    stage, calls, _ = CASES[case]
    seen, delay = MOMENTS[moment]
    furnish(slow_desk.folder)
    process = slow_desk.start(*command(case), "--concurrency", 2)
    slow_desk.wait_for(seen, stage, nth)
    time.sleep(delay)
    process.kill()
    before = len(slow_desk.requests())
    committed = Counter(call.digest for call in slow_desk.calls("answered"))
    in_flight = len(slow_desk.calls("open"))

    resumed = slow_desk.ends(0, "resume", process.run, "--json")
    asked = Counter(slow_desk.digest_of(record) for record in slow_desk.requests(after=before))
    every = Counter(call.digest for call in slow_desk.calls("answered"))
    assert sum(every.values()) == calls
    assert asked == every - committed
    assert resumed.event("run_started")["totals"]["abandoned"] == in_flight
    assert files(slow_desk.output, process.run) == undisturbed[case]
    assert sorted(path.name for path in slow_desk.folder.iterdir()) == [
        ".papercoder", "code", "other", "out", "paper.md", "rubric.json",
    ]  # fmt: skip
