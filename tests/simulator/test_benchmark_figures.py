"""From logs to figures."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.figures import SAME_CALLS, covered, critical_path, exponent, figures, makespan
from benchmarks.paper import paper_text
from benchmarks.pipeline import Run, report
from benchmarks.simulator.project import build_project
from benchmarks.simulator.records import Record
from benchmarks.storage import storage

PROJECT = build_project(5)
BLANK = Record(id=1, epoch=0, t_arrive=0, stage="planning", file="", turn="first", model="o3-mini", sha="")


def record(stage: str, file: str = "", *, start: float = 0, seconds: float = 10, sha: str = "") -> Record:
    return replace(
        BLANK, stage=stage, file=file, sha=sha or stage + file, t_arrive=start, t_end=start + seconds / 100,
        sim_total=seconds, billed=True, input_tokens=1000, cached_tokens=400, output_tokens=100,
    )  # fmt: skip


def whole_run() -> list[Record]:
    per_file = [record(stage, path) for path in PROJECT.paths for stage in ("analysis", "coding")]
    return [*map(record, ("planning", "architecture", "logic", "configuration")), *per_file]


def test_the_critical_path_follows_the_dependencies() -> None:
    assert critical_path(whole_run(), PROJECT) == 40 + 10 + 10 * PROJECT.depth


def test_several_calls_for_one_thing_follow_one_another() -> None:
    assert critical_path([*whole_run(), record("coding", "main.py")], PROJECT) == 40 + 10 + 10 * PROJECT.depth + 10


def test_reviews_lengthen_the_path_of_what_they_review() -> None:
    entry = PROJECT.entry_point.path
    before = critical_path(whole_run(), PROJECT)
    side_by_side = [record("specification", "S1"), record("specification", "S2"), record("assessment", "Q1 to Q12")]
    assert critical_path([*whole_run(), *side_by_side], PROJECT) == before + 20
    in_line = [record("critique", "planning"), record("critique", f"coding of {entry}"), record("repair", "the code")]
    assert critical_path([*whole_run(), *in_line], PROJECT) == before + 30


def test_what_was_spent_is_told_by_what_for() -> None:
    reviews = [record("critique", "coding of main.py"), record("critique", "planning"), record("consolidation")]
    made = figures([*whole_run(), *reviews], PROJECT, wall=1, scale=0.01)
    assert made.same_calls.calls == 14
    assert {name: part.calls for name, part in made.spent.items() if name not in SAME_CALLS} == {
        "critique of coding": 1, "critique of planning": 1, "specification": 1,
    }  # fmt: skip


def test_the_makespan_is_simulated_where_requests_are_in_flight() -> None:
    records = [record("planning"), record("logic", start=0.05), record("coding", start=1.0)]
    assert covered((r.t_arrive, r.t_end or 0) for r in records) == pytest.approx(0.25)
    assert makespan(records, wall=2.0, scale=0.01) == pytest.approx(25 + 1.75)


def test_figures_count_what_is_billed() -> None:
    failed = replace(record("logic", sha="x"), billed=False)
    made = figures([*whole_run(), record("logic"), failed], PROJECT, wall=1, scale=0.01)
    assert (made.calls, made.extra_calls, made.repeated_calls, made.failed_requests) == (15, 1, 1, 1)
    assert made.cached_share == pytest.approx(0.4)
    assert made.dollars == pytest.approx(15 * (600 * 1.10 + 400 * 0.55 + 100 * 4.40) / 1e6)


def test_the_exponent_of_a_power_law() -> None:
    assert exponent([5, 10, 20], [2 * size**1.5 for size in (5, 10, 20)]) == pytest.approx(1.5)


def test_storage_counts_content_by_table(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "runs.db") as connection:
        connection.execute("CREATE TABLE checkpoints (id TEXT, body BLOB)")
        connection.execute("INSERT INTO checkpoints VALUES ('ab', ?), (NULL, x'00')", [b"\0" * 100])
    connection.close()
    (tmp_path / "notes.txt").write_text("no database")
    kept = storage(tmp_path)
    assert (kept.checkpoints, kept.store, kept.journal) == (103, 0, 0)
    assert kept.whole == (tmp_path / "runs.db").stat().st_size


def test_the_report_stands_beside_the_original(tmp_path: Path) -> None:
    made = figures(whole_run(), PROJECT, wall=1, scale=0.01)
    text = report([Run(files, made, storage(tmp_path), cpu=1.5) for files in (5, 7)])
    assert "| original" in text
    assert "1.5 s" in text
    assert "to the power of 0.00" in text


def test_the_synthetic_paper_is_as_long_as_real_ones() -> None:
    text = paper_text()
    assert text == paper_text()
    assert text.count("\\section{") == 8
    assert 30_000 < len(text) < 45_000
