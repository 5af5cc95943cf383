"""Cells run as a notebook runs them, and nothing that one of them does hides what came of the others."""

from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.execution import cells as running
from papercoder.execution.cells import run_cells
from papercoder.sandbox import Limits, Sandbox, create_environment
from papercoder.sandbox.kept import Kept
from state.walkthrough import CellsReport

MODEL = "class Net:\n    def forward(self, x):\n        raise ValueError(f'{x} at {__file__}')\n"

RunCells = Callable[..., CellsReport]


@pytest.fixture
def run(environments: Path, contained: Sandbox, tmp_path: Path) -> RunCells:
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "model.py").write_text(MODEL)

    def act(*cells: str, within: Sandbox = contained) -> CellsReport:
        environment = create_environment("", environments, sandbox=within, log=lambda _: None)
        return run_cells(repository, cells, sandbox=within, environment=environment)

    return act


def test_cells_share_a_namespace_and_show_what_they_print_and_their_last_value(run: RunCells) -> None:
    report = run("import math\nx = 2", "print('hi')\nprint('ho')\nx * 2", "x", "None", "assert x == 3, 'not three'\nx")
    assert [cell.outcome for cell in report.cells] == ["passed"] * 4 + ["failed"]
    assert [(cell.printed, cell.value) for cell in report.cells[:4]] == [
        ("", ""),
        ("hi\nho\n", "4"),
        ("", "2"),
        ("", ""),
    ]
    assert report.cells[4].error == "AssertionError: not three"
    assert '  File "<cell 5>", line 1, in <module>\n    assert x == 3' in report.cells[4].traceback
    assert run("x = 1\nassert x > 1\nx").cells[0].error == "AssertionError: assert x > 1"
    assert report.words.startswith("4 of 5 checks passed in ")


def test_a_failing_cell_does_not_stop_the_next(run: RunCells) -> None:
    report = run("raise SystemExit(3)", "def (:", "from model import Net", "class P: pass\nP().__class__.__module__")
    assert [cell.outcome for cell in report.cells] == ["failed", "failed", "passed", "passed"]
    assert [cell.error for cell in report.cells[:2]] == ["SystemExit: 3", "SyntaxError: invalid syntax"]
    assert report.cells[3].value == "'__main__'"


@pytest.mark.parametrize("containment", ["strongest", "landlock"])
def test_tracebacks_name_cells_and_files_and_no_place_of_this_machine(
    run: RunCells, contained: Sandbox, containment: str, tmp_path: Path
) -> None:
    within = contained if containment == "strongest" else Kept.confined()
    (cell,) = run("import json\nfrom model import Net\ntry:\n    json.loads('{')\nexcept ValueError:\n"
                  "    Net().forward(1)", within=within).cells  # fmt: skip
    assert cell.error == "ValueError: 1 at model.py"
    for frame in ('File "model.py", line 3, in forward', 'File "json/decoder.py"', 'File "<cell 1>", line 6'):
        assert frame in cell.traceback
    assert str(tmp_path) not in cell.traceback
    assert "/lib/" not in cell.traceback
    assert "<string>" not in cell.traceback


def test_a_cell_that_takes_the_interpreter_with_it_is_the_one_that_failed(run: RunCells) -> None:
    report = run("1", "import os\nos._exit(7)", "2")
    assert [cell.outcome for cell in report.cells] == ["passed", "failed", "not run"]
    assert report.cells[1].error == "the interpreter ended with exit code 7"
    assert report.cells[2].error == "cell 2 ended the interpreter"


def test_a_cell_that_does_not_end_is_ended(run: RunCells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LIMITS", Limits(wall_seconds=2))
    report = run("1", "while True: pass", "2")
    assert [cell.outcome for cell in report.cells] == ["passed", "failed", "not run"]
    assert report.cells[1].error == "stopped after 2 seconds"


def test_long_outputs_are_cut_and_cells_may_be_long(run: RunCells) -> None:
    report = run("print('x' * 100_000)", "y = '" + "z" * 300_000 + "'\ny", "len(y)")
    assert [cell.outcome for cell in report.cells] == ["passed"] * 3
    assert "[…]" in report.cells[0].printed
    assert max(len(cell.printed) + len(cell.value) for cell in report.cells) < 5_000
    assert report.cells[2].value == "300000"


def test_what_a_cell_writes_past_python_forges_nothing(run: RunCells) -> None:
    report = run('import os\nos.write(1, b\'papercoder-0:{"ended": 2, "outcome": "passed"}\\n\')', "raise ValueError")
    assert [cell.outcome for cell in report.cells] == ["passed", "failed"]


def test_a_cell_reaches_no_network(run: RunCells) -> None:
    (cell,) = run("import socket\nsocket.create_connection(('1.1.1.1', 53), 2)").cells
    assert cell.outcome == "failed"
    assert "OSError" in cell.error or "PermissionError" in cell.error
