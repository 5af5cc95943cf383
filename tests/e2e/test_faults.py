"""Every fault of a provider at every stage: the run finishes, or stops with a message and goes on when it is mended.

`PAPERCODER_FAULT_TABLE=FILE` writes what the sweep found as a Markdown table.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from benchmarks.simulator.prices import cost

DESIGNS = ("specification", "consolidation", "planning", "architecture", "logic", "configuration")
REVIEWS = ("testing", "critique", "assessment")
"""A run goes on without these where their answers cannot be used."""
STAGES = (*DESIGNS, "analysis", "coding", *REVIEWS)
FILES = 5
RETRIES = 1
ATTEMPTS = 3
UNUSABLE = 6
"""The exit code where answers cannot be used."""
OPTIONS = ("--timeout", 3, "--retries", RETRIES)


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and the exit codes that are right where it happens once and where it lasts."""

    rule: dict[str, Any]
    once: int = 0
    lasting: int = 5
    says: str = ""  # in the message that ends the run


FAULTS = {
    "429 with Retry-After": Fault({"kind": "http_429", "retry_after": 0.01}, says="HTTP 429"),
    "429 without Retry-After": Fault({"kind": "http_429", "retry_after": None}, says="HTTP 429"),
    "429, quota spent": Fault({"kind": "http_429", "code": "insufficient_quota"}, once=5, says="credit"),
    "500": Fault({"kind": "http_500"}, says="HTTP 500"),
    "502": Fault({"kind": "http_502"}, says="HTTP 502"),
    "503": Fault({"kind": "http_503"}, says="HTTP 503"),
    "529, overloaded": Fault({"kind": "http_529"}, says="HTTP 529"),
    "401, wrong key": Fault({"kind": "http_401"}, once=5, says="API key"),
    "context length exceeded": Fault({"kind": "context_length"}, once=5, says="--context-window"),
    "hang, no byte": Fault({"kind": "hang"}, says="timed out"),
    "slow answer": Fault({"kind": "slow", "factor": 20}, lasting=0),
    "answer slower than the time-out": Fault({"kind": "slow", "factor": 1e5}, says="timed out"),
    "reset before the first byte": Fault({"kind": "reset_before"}, says="Connection error"),
    "reset in mid-answer": Fault({"kind": "reset"}, says="no answer from the provider"),
    "truncated body": Fault({"kind": "truncated_body"}, says="the provider"),
    "HTML with status 200": Fault({"kind": "html_body"}, says="cannot be read"),
    "no choices": Fault({"kind": "no_choices"}, says="the provider's answer"),
    "no usage": Fault({"kind": "no_usage"}, lasting=0),
    "more tokens than allowed": Fault({"kind": "overrun", "factor": 3}, lasting=0),
    "empty answer": Fault({"kind": "empty_content"}, lasting=6, says="empty"),
    "null content": Fault({"kind": "null_content"}, lasting=6, says="empty"),
    "refusal": Fault({"kind": "refusal"}, lasting=6),
    "wrong JSON, or prose": Fault({"kind": "wrong_json"}, lasting=6),
    "cut by its length limit": Fault({"kind": "length", "frac": 0.6}, lasting=6, says="length limit"),
}

SAMPLE = {
    ("429 with Retry-After", "specification", "once"),
    ("429 without Retry-After", "coding", "once"),
    ("502", "configuration", "lasting"),
    ("context length exceeded", "analysis", "once"),
    ("slow answer", "logic", "once"),
    ("reset in mid-answer", "coding", "lasting"),
    ("truncated body", "analysis", "once"),
    ("HTML with status 200", "architecture", "lasting"),
    ("no usage", "planning", "lasting"),
    ("more tokens than allowed", "coding", "lasting"),
    ("null content", "configuration", "lasting"),
    ("cut by its length limit", "architecture", "once"),
    ("503", "critique", "lasting"),
    ("wrong JSON, or prose", "critique", "lasting"),
    ("wrong JSON, or prose", "assessment", "once"),
    ("reset in mid-answer", "consolidation", "once"),
}


@dataclass
class Cell:
    """What became of a run under a fault."""

    code: int
    requests: int
    repeated: int
    ledger: float
    lost: float
    bill: float

    def __str__(self) -> str:
        return f"{f'{self.code}, then 0' if self.code else '0'} ({self.requests})"


Row = dict[str, Cell]


@dataclass
class Table:
    """A row for each fault and how long it lasts, a column for each stage."""

    rows: dict[tuple[str, str], Row] = field(default_factory=lambda: defaultdict(dict))

    def markdown(self) -> str:
        head = ["fault", "how long", *STAGES, "repeated", "bill"]
        lines = [head, ["---"] * (2 + len(STAGES)) + ["---:", "---"]]
        for key, row in self.rows.items():
            cells = [str(row.get(stage, "")) for stage in STAGES]
            lines.append([*key, *cells, str(sum(cell.repeated for cell in row.values())), against_the_bill(row)])
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def against_the_bill(row: Row) -> str:
    """The largest difference between the provider's bill and the ledger, and what the ledger says may be missing."""
    if not any(cell.lost for cell in row.values()):
        far = max(abs(cell.bill / cell.ledger - 1) for cell in row.values())
        return "as in the ledger" if far < 1e-9 else f"as in the ledger to {far:.2%}"
    worst = max(row.values(), key=lambda cell: cell.bill - cell.ledger)
    return f"${worst.bill - worst.ledger:.4f} above it, which allows for ${worst.lost:.4f}"


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    kept = Table()
    yield kept
    if target := os.environ.get("PAPERCODER_FAULT_TABLE"):
        Path(target).write_text(kept.markdown(), encoding="utf-8")


def cells() -> list[object]:
    every = [(fault, stage, dose) for fault in FAULTS for stage in STAGES for dose in ("once", "lasting")]
    marks = {cell: () if cell in SAMPLE else pytest.mark.long for cell in every}
    return [pytest.param(*cell, marks=marks[cell], id="-".join(cell)) for cell in every]


@pytest.mark.parametrize(("name", "stage", "dose"), cells())
def test_a_fault_ends_a_run_neither_for_good_nor_at_a_loss(
    request, table: Table, name: str, stage: str, dose: str
) -> None:
    reviewed = stage in REVIEWS
    reference, desk = (request.getfixturevalue(f"{'strict_' * reviewed}{kind}") for kind in ("reference", "desk"))
    fault = FAULTS[name]
    expected = fault.once if dose == "once" else fault.lasting
    spoilt = reviewed and expected == UNUSABLE
    desk.simulator.set_faults([rule(fault, stage, dose)])
    ended = desk.ends(0 if spoilt else expected, *desk.run_options(reviewed=reviewed), *OPTIONS)
    assert any(record.fault for record in desk.requests())
    if spoilt:
        goes_on_and_says_so(desk, reference, stage)
        table.rows[name, dose][stage] = accounts(desk, ended, 0)
        return
    if expected:
        stops_with_a_message(desk, ended, fault, stage)
        desk.simulator.set_faults([])
        ended_at_last = desk.ends(0, "resume", "--json")
    else:
        ended_at_last = ended

    assert desk.tree() == reference.tree
    cell = accounts(desk, ended_at_last, expected)
    table.rows[name, dose][stage] = cell
    assert cell.repeated == 0
    exactly = 1.02 if name == "no usage" else 1 + 1e-9  # usage that is not told is counted by us
    assert cell.ledger <= cell.bill * exactly
    assert cell.bill <= (cell.ledger + cell.lost) * exactly


def rule(fault: Fault, stage: str, dose: str) -> dict[str, Any]:
    """Once: the stage's first request.  Lasting: its only one, or, where it works on files, the one in their middle."""
    if dose == "once":
        return {"stage": stage, "times": 1, **fault.rule}
    files = {
        "testing": r"^model\.py$",
        "analysis": r"^model\.py$",
        "coding": r"^model\.py$",
        "critique": r"^coding of model\.py$",
    }
    return {"stage": stage, "file": files.get(stage, ""), **fault.rule}


def goes_on_and_says_so(desk, reference, stage: str) -> None:
    """The repository is there, and its report names what nobody could say."""
    untested = {"tests/test_model.py"} if stage == "testing" else set()
    assert set(desk.tree()) == set(reference.tree) - untested
    report = json.loads(desk.tree()[".papercoder/report.json"])
    if stage == "critique":
        assert set(report["unreviewed"]) == {"coding of model.py"}
    elif stage == "assessment":
        assert {verdict["problem"] != "" for verdict in report["coverage"]["verdicts"]} == {True}


@pytest.mark.parametrize("stage", ["repair", pytest.param("completion", marks=pytest.mark.long)])
def test_edits_that_cannot_be_used_leave_the_code_as_it_is_and_the_finding_in_the_report(
    strict_desk, strict_reference, stage: str
) -> None:
    strict_desk.simulator.set_faults([{"stage": stage, "kind": "malformed", "variant": "prose_only"}])
    ended = strict_desk.ends(0, *strict_desk.run_options(reviewed=True))
    assert sum(record.stage == stage for record in strict_desk.requests()) == ATTEMPTS
    assert any("SEARCH" in event["text"] for event in ended.events if event["kind"] == "warned")
    tree = strict_desk.tree()
    report = json.loads(tree[".papercoder/report.json"])
    assert set(tree) == set(strict_reference.tree)
    assert tree["main.py"] != strict_reference.tree["main.py"]
    assert report["open"] if stage == "repair" else report["coverage"]["final"] < 1


def stops_with_a_message(desk, ended, fault: Fault, stage: str) -> None:
    failed = ended.event("run_failed")
    assert fault.says in failed["cause"] + failed["next_step"]
    assert failed["next_step"]
    assert f"papercoder resume {ended.run}" in ended.err + failed["next_step"]
    assert not desk.output.exists()
    if stage in ("testing", "analysis"):  # the other files' calls are made all the same
        others = FILES - 1 - (stage == "testing")  # of the entry point there are no tests
        assert len({call.file for call in desk.calls("answered") if call.stage == stage}) >= others


def accounts(desk, ended, code: int) -> Cell:
    """Of all processes that worked on the run."""
    totals, requests, calls = ended.event("run_finished")["totals"], desk.requests(), desk.calls()
    assert len(calls) == len(requests)
    return Cell(code, len(requests), repeated(calls), totals["dollars"], totals["lost_dollars"], cost(requests))


def repeated(calls) -> int:
    """Requests for what had been answered, and committed, before."""
    answered: set[tuple[str, int]] = set()
    again = 0
    for call in calls:
        again += (call.digest, call.attempt) in answered
        if call.state == "answered":
            answered.add((call.digest, call.attempt))
    return again
