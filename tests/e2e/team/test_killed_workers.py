"""Two workers of a team's server share a run's journal: when one dies, the other repeats nothing.

`PAPERCODER_TEAM_TABLE=FILE` writes what was seen as a Markdown table.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import pytest

from benchmarks.simulator.prices import cost

pytestmark = pytest.mark.long

MOMENTS = [
    ("planning", 1, "arrival"),
    ("planning", 1, "delivered"),
    ("architecture", 1, "first_byte"),
    ("configuration", 1, "delivered"),
    ("analysis", 1, "delivered"),
    ("analysis", 3, "delivered"),
    ("analysis", 5, "arrival"),
    ("coding", 1, "delivered"),
    ("coding", 3, "first_byte"),
    ("coding", 5, "delivered"),
]


@dataclass
class Row:
    stage: str
    moment: str
    committed: int
    repeated: int
    abandoned: int
    asked: int
    seconds: float


@pytest.fixture(scope="module")
def table() -> Iterator[list[Row]]:
    rows: list[Row] = []
    yield rows
    if target := os.environ.get("PAPERCODER_TEAM_TABLE"):
        Path(target).write_text(markdown(rows), encoding="utf-8")


def markdown(rows: list[Row]) -> str:
    head = ["stage", "moment of the kill", "committed", "of them repeated", "abandoned", "requests in all",
            "seconds until the run was done"]  # fmt: skip
    cells = [[*map(str, astuple(row)[:-1]), f"{row.seconds:.0f}"] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in [head, ["---"] * 2 + ["---:"] * 5, *cells])


def states(desk, run) -> Counter[str]:
    return Counter(state for (state,) in desk.query("SELECT state FROM calls WHERE run = ?", run.thread))


def committed(desk, run) -> set[str]:
    rows = desk.query("SELECT digest FROM calls WHERE run = ? AND state = 'answered'", run.thread)
    return {digest for (digest,) in rows}


def is_as_undisturbed(desk, run, reference) -> None:
    """The same repository, and a ledger that agrees with the provider's bill."""
    assert run.wait() == "success"
    assert desk.tree(run.values["published"]["folder"]) == reference.tree
    assert committed(desk, run) == reference.digests
    calls, requests = states(desk, run), desk.requests()
    assert calls["answered"] == reference.requests
    assert calls["open"] == calls["failed"] == 0
    assert len(requests) <= calls["answered"] + calls["abandoned"]
    ((answered, lost),) = desk.query(
        """SELECT sum(dollars) FILTER (WHERE state = 'answered'),
                  coalesce(sum(dollars) FILTER (WHERE state = 'abandoned'), 0) FROM calls WHERE run = ?""",
        run.thread,
    )
    last = {desk.digest_of(record): record for record in requests}  # of a question that was asked twice
    assert answered == pytest.approx(cost(last.values()))
    assert cost(requests) <= answered + lost + 1e-9


def asked_again(desk, before: set[str], requests: int) -> list[str]:
    """Questions that had an answer, and were asked after so many requests."""
    return [digest for digest in map(desk.digest_of, desk.requests(after=requests)) if digest in before]


def test_an_undisturbed_run_is_what_it_is_on_a_desk(team, team_desk, reference) -> None:
    run = team.start(team_desk.folder / "paper.md")
    is_as_undisturbed(team_desk, run, reference)
    assert states(team_desk, run) == {"answered": reference.requests}


@pytest.mark.parametrize(("stage", "nth", "moment"), MOMENTS)
def test_a_dead_worker_s_run_is_taken_over_and_nothing_is_paid_twice(
    team, team_desk, reference, table: list[Row], stage: str, nth: int, moment: str
) -> None:
    run = team.start(team_desk.folder / "paper.md")
    team_desk.wait_for(moment, stage, nth)
    run.worker().kill()
    killed = time.monotonic()
    before, requests = committed(team_desk, run), len(team_desk.requests())

    is_as_undisturbed(team_desk, run, reference)
    repeated, calls = asked_again(team_desk, before, requests), states(team_desk, run)
    asked = len(team_desk.requests())
    table.append(Row(stage, moment, len(before), len(repeated), calls["abandoned"], asked, time.monotonic() - killed))
    assert repeated == []


def test_three_workers_die_one_after_the_other_and_nothing_is_paid_twice(team, team_desk, reference) -> None:
    run = team.start(team_desk.folder / "paper.md")
    repeated = []
    for stage in ("planning", "analysis", "coding"):
        team_desk.wait_for("delivered", stage)
        run.worker().kill()
        before, requests = committed(team_desk, run), len(team_desk.requests())
        team.hire()
        repeated.append((before, requests))
    is_as_undisturbed(team_desk, run, reference)
    assert [asked_again(team_desk, before, requests) for before, requests in repeated] == [[], [], []]


@pytest.mark.parametrize(
    ("stage", "moment"), [("planning", "arrival"), ("analysis", "delivered"), ("coding", "delivered")]
)
def test_a_worker_that_was_only_frozen_asks_nothing_that_the_other_has_asked(
    team, team_desk, reference, stage: str, moment: str
) -> None:
    run = team.start(team_desk.folder / "paper.md")
    team_desk.wait_for(moment, stage)
    frozen = run.worker()
    frozen.signal(signal.SIGSTOP)
    run.worker(other_than=frozen)  # the server takes it for dead
    time.sleep(1)
    before, requests = committed(team_desk, run), len(team_desk.requests())
    frozen.signal(signal.SIGCONT)
    is_as_undisturbed(team_desk, run, reference)
    assert asked_again(team_desk, before, requests) == []
    asked = Counter(map(team_desk.digest_of, team_desk.requests()))
    assert asked.total() <= reference.requests + states(team_desk, run)["abandoned"]


@pytest.mark.parametrize("stage", ["planning", "logic"])
def test_two_workers_that_both_believe_the_run_is_theirs_ask_nothing_twice(
    team, team_desk, reference, stage: str
) -> None:
    run = team.start(team_desk.folder / "paper.md")
    team_desk.wait_for("arrival", stage)
    first = run.worker()
    run.take_for_dead()
    run.worker(other_than=first)
    is_as_undisturbed(team_desk, run, reference)
    asked = Counter(map(team_desk.digest_of, team_desk.requests()))
    assert asked.total() - len(asked) <= states(team_desk, run)["abandoned"]
