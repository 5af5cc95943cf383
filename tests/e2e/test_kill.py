"""`kill -9` at any moment: no committed call is made again, and the repository is the same.

`PAPERCODER_KILL_TABLE=FILE` writes what the sweep found as a Markdown table.
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import pytest

from benchmarks.paper import paper_text

TWO, MANY = ("first", "last"), ("first", "middle", "last")
STAGES = {
    "specification": ("first",),
    "consolidation": ("first",),
    "planning": TWO,
    "architecture": TWO,
    "logic": TWO,
    "configuration": TWO,
    "testing": MANY,
    "analysis": MANY,
    "coding": MANY,
    "critique": MANY,
    "repair": ("first",),
    "assessment": TWO,
    "completion": ("first",),
}
"""Which calls of each kind: of a run in which everything is reviewed, and revised once."""
SHARES = {"first": 0.0, "middle": 0.5, "last": 1.0}

MOMENTS = {
    "arrival": ("arrival", 0.0),
    "mid-answer": ("first_byte", 0.02),
    "delivered": ("delivered", 0.0),
    "+10 ms": ("delivered", 0.01),
    "+100 ms": ("delivered", 0.1),
}
"""What the provider saw, and seconds from there to the kill."""

SAMPLE = {
    ("consolidation", "first", "+10 ms"),
    ("critique", "middle", "delivered"),
    ("testing", "middle", "delivered"),
    ("analysis", "middle", "+10 ms"),
    ("coding", "middle", "mid-answer"),
    ("repair", "first", "arrival"),
    ("assessment", "last", "delivered"),
}

PUBLICATION = {
    "begun": lambda folder: True,
    "files written": lambda folder: any(folder.glob(".out.*.partial/reproduce.sh")),
    "history begun": lambda folder: any(folder.glob(".out.*.partial/.git/HEAD")),
    "history half": lambda folder: any(folder.glob(".out.*.partial/.git/refs/heads/main")),
    "in place": lambda folder: (folder / "out" / "reproduce.sh").exists(),
}
"""What is there of the repository at the kill."""


@dataclass
class Row:
    kills: int = 0
    delivered: int = 0
    committed: int = 0
    repeated: int = 0
    abandoned: int = 0


Table = dict[tuple[str, str], Row]


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    rows: Table = defaultdict(Row)
    yield rows
    if target := os.environ.get("PAPERCODER_KILL_TABLE"):
        Path(target).write_text(markdown(rows), encoding="utf-8")


def markdown(rows: Table) -> str:
    head = ["stage", "moment", "kills", "delivered at kill", "committed at kill", "committed and repeated", "abandoned"]
    total = Row(*map(sum, zip(*map(astuple, rows.values()), strict=True)))
    cells = [[*key, *map(str, astuple(row))] for key, row in [*rows.items(), (("all", ""), total)]]
    lines = [head, ["---"] * 2 + ["---:"] * 5, *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def moments() -> list[object]:
    every = [(s, which, m) for s, calls in STAGES.items() for which in calls for m in MOMENTS]
    marks = {point: () if point in SAMPLE else pytest.mark.long for point in every}
    return [pytest.param(*point, marks=marks[point], id="-".join(map(str, point))) for point in every]


@pytest.mark.parametrize(("stage", "which", "moment"), moments())
def test_no_committed_call_is_made_again(
    slow_strict_desk, strict_reference, table: Table, stage: str, which: str, moment: str
) -> None:
    seen, delay = MOMENTS[moment]
    nth = 1 + round(SHARES[which] * (strict_reference.stages[stage] - 1))
    process = slow_strict_desk.start(*slow_strict_desk.run_options(reviewed=True))
    slow_strict_desk.wait_for(seen, stage, nth)
    time.sleep(delay)
    process.kill()
    resumes_as_if_nothing_had_happened(slow_strict_desk, process, strict_reference, table[stage, moment])


@pytest.mark.parametrize("moment", ["delivered", pytest.param("arrival", marks=pytest.mark.long)])
def test_of_the_parts_of_a_long_paper_only_those_are_read_again_that_were_in_flight(slow_desk, moment: str) -> None:
    (slow_desk.folder / "long.tex").write_text(paper_text(), encoding="utf-8")
    process = slow_desk.start(*slow_desk.run_options("long.tex"), "--until", "specification")
    slow_desk.wait_for(moment, "specification")
    process.kill()
    before, committed = len(slow_desk.requests()), {call.digest for call in slow_desk.calls("answered")}
    slow_desk.ends(10, "resume", process.run, "--until", "specification", "--json")
    assert not committed.intersection(map(slow_desk.digest_of, slow_desk.requests(after=before)))
    whole = [(call.stage, call.file) for call in slow_desk.calls("answered")]
    parts = {file for _, file in whole if file}
    assert len(parts) > 1
    assert len(whole) == len(set(whole)) == len(parts) + 1


@pytest.mark.parametrize("there", [
    pytest.param(there, marks=() if there in ("history begun", "in place") else pytest.mark.long)
    for there in PUBLICATION
])  # fmt: skip
def test_a_kill_during_publication_leaves_no_half_repository(desk, reference, table: Table, there: str) -> None:
    process = desk.start(*desk.run_options())
    process.until(lambda: process.has_begun("publication") and PUBLICATION[there](desk.folder))
    process.kill()
    assert desk.output.exists() == (there == "in place")
    resumes_as_if_nothing_had_happened(desk, process, reference, table["publication", there])
    assert sorted(path.name for path in desk.folder.iterdir()) == [".papercoder", "out", "paper.md"]


def resumes_as_if_nothing_had_happened(desk, killed, reference, row: Row) -> None:
    before, at_kill = desk.requests(), desk.calls()
    committed = {call.digest for call in at_kill if call.state == "answered"}
    in_flight = [call for call in at_kill if call.state == "open"]
    if desk.ends(0, "show", killed.run, "--json").document["status"] == "finished":  # sooner than the kill
        assert desk.tree() == reference.tree
        assert committed == reference.digests
        return

    resumed = desk.ends(0, "resume", killed.run, "--json")
    asked = [desk.digest_of(record) for record in desk.requests(after=len(before))]
    shown = desk.ends(0, "show", killed.run, "--json").document

    row.kills += 1
    row.delivered += sum(record.delivered for record in before)
    row.committed += len(committed)
    row.repeated += len(committed.intersection(asked))
    row.abandoned += len(in_flight)
    assert not committed.intersection(asked)
    assert sorted(asked) == sorted(reference.digests - committed)
    assert resumed.event("run_started")["totals"]["abandoned"] == len(in_flight)
    assert shown["totals"]["abandoned"] == len(in_flight)
    assert shown["totals"]["calls"] == reference.requests
    assert desk.tree() == reference.tree
