"""`runs`, `show`, `rm`: what is kept, told and forgotten."""

import json

import pytest

from papercoder.cli import amounts, terminal
from papercoder.cli.names import STAGES
from papercoder.cli.readable import readable
from papercoder.cli.show import stage_words
from state.assessment import Coverage, Verdict
from state.critique import Critique, Version
from state.estimate import Estimate, Range
from state.ledger import Totals, Usage
from state.published import Published
from state.requirements import Requirement, Specification
from state.review import Finding
from tests.publication.walks import WALKED

RUN = "20261122-1530-ab12"


def test_runs(home, invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")  # whatever the terminal is that the tests run in
    answer = invoke("runs")
    assert answer.exit_code == 0
    for part in (RUN, "stopped", "architecture", "Attention [sic] Is All You Need", "21 k", "$0.25+", "Age"):
        assert part in answer.stdout


def test_tables_fit_into_eighty_columns(home, invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for arguments in (["runs"], ["show", RUN]):
        text = invoke(*arguments).stdout
        assert RUN in text
        assert max(map(len, text.splitlines())) <= 80
    assert " Attention [" in invoke("runs").stdout


def test_a_long_id_is_folded_not_cut(home, invoke, monkeypatch: pytest.MonkeyPatch, a_record) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    home.records = [a_record(id="attention-is-all-you-need-and-more-3f2a")]
    header, first, second = invoke("runs").stdout.splitlines()
    assert "Paper" not in header
    assert first.split()[0] + second.strip() == home.records[0].id
    assert first.rstrip().endswith(("min", "h", "d"))


def test_no_runs(home, invoke) -> None:
    home.records = []
    assert "papercoder run PAPER" in invoke("runs").stdout
    assert json.loads(invoke("runs", "--json").stdout) == []


def test_runs_as_json(home, invoke) -> None:
    (run,) = json.loads(invoke("runs", "--json").stdout)
    assert run["id"] == RUN
    assert run["totals"]["calls"] == 2


def test_a_run_without_a_title_is_named_after_its_file(home, invoke, a_record) -> None:
    home.records = [a_record(title="")]
    assert "paper.pdf" in invoke("runs").stdout


def test_show(home, invoke) -> None:
    text = invoke("show", "20261122").stdout
    for part in (
        RUN, "Attention [sic]", f"stopped, at architecture, stage 4 of {len(STAGES)}",
        "/p/paper-code (not written yet)", "planning", "9.0 k", "90 %", "price unknown", "total",
        "What the paper leaves open (1)", "Which seed?",
        f"papercoder resume {RUN}",
    ):  # fmt: skip
        assert part in text


def test_show_a_published_run(home, invoke, a_record) -> None:
    home.records = [a_record(status="finished", stage="publication", versions={"papercoder": "0.1.0"}, error="")]
    home.values["published"] = Published(folder="/p/paper-code", files=7)
    text = invoke("show", RUN).stdout
    assert "/p/paper-code (7 files)" in text
    assert "all stages done" in text
    assert "papercoder 0.1.0" in text
    assert "papercoder resume" not in text


def test_show_says_how_far_off_the_estimate_was(home, invoke, a_record) -> None:
    near, wide = Range(low=1, expected=2, high=9), Range(low=10_000, expected=10_000, high=40_000)
    expected = Estimate(
        files=near, calls=near, input=wide, cached=near, output=wide, dollars=None, seconds=near, stages=(), basis=()
    )
    home.records = [a_record(estimate=expected)]
    assert "it took" not in invoke("show", RUN).stdout
    home.records = [a_record(estimate=expected, status="finished")]
    text = invoke("show", RUN).stdout
    assert "price unknown, about 2 (1 to 9) calls" in text
    assert "it took, against that: calls +0 %, input tokens +100 %, output tokens -90 %" in text


@pytest.fixture
def reviewed_run(home):
    """With requirements, a plan whose critic is not content, and an assessment."""
    settled = Requirement(id="R1", kind="method", what="Scale.", source=["E1"], weight=3)
    silent = settled.model_copy(update={"id": "R2", "status": "unspecified", "choice": "0", "weight": 1})
    verdicts = (
        Verdict(requirement="R1", judgement="met", file="a.py", line=7),
        Verdict(requirement="R2", judgement="missing"),
    )
    placebo = Verdict(requirement="Clip.", judgement="missing")
    home.values |= {
        "specification": Specification(requirements=[settled, silent]),
        "coverage": Coverage(verdicts=verdicts, placebos=(placebo,)),
    }
    finding = Finding(severity="medium", location="method", problem="The scale is wrong.")
    home.reviews = {
        "planning": Critique(versions=(Version(critique=(finding,), reviewed=True),), ended="no rounds left"),
        "integration": Critique(versions=(Version(),), ended="nothing to mend"),
        "assessment": Critique(versions=(Version(score=0.5), Version(score=0.75)), best=1, ended="no rounds left"),
    }
    return home


def test_show_tells_requirements_coverage_and_what_stayed_open(reviewed_run, invoke) -> None:
    text = invoke("show", RUN).stdout
    assert "2 requirements, 1 with open choices" in text
    assert "75 % of the requirements by weight, 50 % before the code was completed; 0 of 1 placebos accepted" in text
    assert "nobody mended (1)\n- planning (medium) method: The scale is wrong." in text
    data = json.loads(invoke("show", RUN, "--json").stdout)
    assert data["requirements"] == {"count": 2, "open": 1, "unverified": 0, "contradictions": 0}
    assert data["coverage"] == {
        "first": 0.5, "final": 0.75, "placebos": {"asked": 1, "accepted": 0}, "inapplicable": {},
    }  # fmt: skip
    assert [(found["loop"], found["problem"]) for found in data["open"]] == [("planning", "The scale is wrong.")]


def test_show_names_what_is_not_counted_with_its_condition(reviewed_run, invoke) -> None:
    coverage = reviewed_run.values["coverage"]
    outside = Verdict(requirement="R2", judgement="inapplicable", condition="if D is used")
    reviewed_run.values["coverage"] = coverage.model_copy(update={"verdicts": (coverage.verdicts[0], outside)})
    assert "; 1 not counted, for the scope rules out when they hold; 0 of 1" in invoke("show", RUN).stdout
    assert "R2 inapplicable if D is used" in invoke("show", RUN, "--stage", "assessment").stdout
    assert json.loads(invoke("show", RUN, "--json").stdout)["coverage"]["inapplicable"] == {"R2": "if D is used"}


def test_show_a_stage_tells_its_review(reviewed_run, invoke) -> None:
    assert "version 1: 1 medium\n  - (medium) method: The scale" in invoke("show", RUN, "--stage", "planning").stdout
    assert "version 1: nothing found" in invoke("show", RUN, "--stage", "integration").stdout
    text = invoke("show", RUN, "--stage", "assessment").stdout
    assert "R1 met a.py:7\nR2 missing\n" in text
    assert "version 2, kept: 75 % of the requirements" in text
    assert json.loads(invoke("show", RUN, "--stage", "assessment", "--json").stdout)["verdicts"][0]["line"] == 7
    assert "what: Scale." in invoke("show", RUN, "--stage", "specification").stdout


def test_show_tells_of_the_walkthrough(reviewed_run, invoke) -> None:
    refused = invoke("show", RUN, "--stage", "walkthrough")
    assert refused.exit_code == 3
    assert "it was not asked for" in refused.stderr
    reviewed_run.walk = WALKED
    reviewed_run.reviews["walkthrough"] = Critique(versions=(Version(reviewed=True),), ended="nothing to mend")
    assert "Notebook   2 passages; 1 of 2 checks passed in bubblewrap 0.11.0" in invoke("show", RUN).stdout
    text = invoke("show", RUN, "--stage", "walkthrough").stdout
    assert "failed: Noisy labels [S2.p1, T1] src/data.py::load AssertionError: [0 1 1 0]" in text
    assert "version 1: nothing found" in text
    data = json.loads(invoke("show", RUN, "--stage", "walkthrough", "--json").stdout)
    assert data["report"]["cells"][0]["value"] == "1.0"
    assert json.loads(invoke("show", RUN, "--json").stdout)["walkthrough"]["report"]["containment"]


def test_what_reviews_cost_is_seen_below_their_stage(home, invoke) -> None:
    author, _ = home.entries
    home.entries = [author, author.model_copy(update={"role": "critic", "dollars": 0.05})]
    lines = invoke("show", RUN).stdout.splitlines()
    row = next(n for n, line in enumerate(lines) if line.split()[:1] == ["planning"])
    assert "$0.30" in lines[row]
    assert "critic" in lines[row + 1]
    assert "$0.050" in lines[row + 1]
    roles = json.loads(invoke("show", RUN, "--json").stdout)["stages"]["planning"]["roles"]
    assert {role: totals["calls"] for role, totals in roles.items()} == {"planner": 1, "critic": 1}


def test_show_as_json(home, invoke) -> None:
    data = json.loads(invoke("show", RUN, "--json").stdout)
    assert list(data["stages"]) == ["planning", "coding"]
    assert (data["requirements"], data["coverage"], data["open"]) == (None, None, [])
    assert data["open_choices"][0]["choice"] == "0"
    assert data["published"] is None
    assert "calls" not in data
    assert len(json.loads(invoke("show", RUN, "--json", "--calls").stdout)["calls"]) == 2


def test_show_calls(home, invoke) -> None:
    first, second = invoke("show", RUN, "--calls").stdout.splitlines()
    assert first == ("answered planning planner · 10000 in, 9000 cached, 500 out · 12.0 s · $0.25 · openai:gpt-5-mini")
    assert "coding main.py" in second
    assert "price unknown" in second


def test_show_an_artifact(home, invoke) -> None:
    text = invoke("show", RUN, "--stage", "planning").stdout
    assert "method:\n  - what: Scale by the root of d_k.\n    source: E1\n" in text
    data = json.loads(invoke("show", RUN, "--stage", "planning", "--json").stdout)
    assert data["summary"] == "A paper."


def test_show_an_artifact_that_is_not_there(home, invoke) -> None:
    answer = invoke("show", RUN, "--stage", "logic")
    assert answer.exit_code == 3
    assert f"papercoder resume {RUN} --until logic" in answer.stderr
    assert invoke("show", RUN, "--stage", "cooking").exit_code == 2


@pytest.mark.parametrize("command", ["show", "rm"])
def test_a_run_that_is_not_there(command: str, home, invoke) -> None:
    answer = invoke(command, "x")
    assert answer.exit_code == 3
    assert "papercoder runs" in answer.stderr


def test_rm(home, invoke) -> None:
    answer = invoke("rm", RUN, "--yes")
    assert home.removed == [RUN]
    assert "4.2 MB freed" in answer.stdout
    assert "output folder stays: /p/paper-code" in answer.stdout


def test_rm_does_not_guess(home, invoke) -> None:
    answer = invoke("rm", RUN)
    assert answer.exit_code == 2
    assert "--yes" in answer.stderr
    assert home.removed == []


@pytest.mark.parametrize(("said", "removed"), [("y\n", [RUN]), ("n\n", []), ("\n", [])])
def test_rm_asks(said: str, removed: list[str], home, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from papercoder.cli.app import group

    monkeypatch.setattr(terminal, "is_interactive", lambda: True)
    answer = CliRunner().invoke(group, ["rm", RUN], input=said)
    assert home.removed == removed
    assert answer.exit_code == (0 if removed else 130)


@pytest.mark.parametrize(
    ("status", "stage", "words"),
    [("finished", "publication", "all stages done"), ("failed", "", "not begun"), ("failed", "critique", "critique")],
)
def test_how_far_a_run_is(status: str, stage: str, words: str, a_record) -> None:
    assert stage_words(a_record(status=status, stage=stage)) == words


def test_readable_text() -> None:
    data = {"a_key": True, "empty": [], "none": None, "list": ["x", "y"], "deep": [{"k": 1, "l": ["z" * 99, "w"]}]}
    assert readable(data) == f"a key: yes\nlist: x, y\ndeep:\n  - k: 1\n    l:\n      - {'z' * 99}\n      - w\n"
    assert readable(["one\ntwo"]) == "- one\n  two\n"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (4200, "4.2 k"), (9950, "10 k"), (999_499, "999 k"), (1_234_567, "1.23 M")],
)
def test_tokens(count: int, text: str) -> None:
    assert amounts.tokens(count) == text


def test_amounts() -> None:
    assert [amounts.clock(s) for s in (5, 725, 3723)] == ["0:05", "12:05", "1:02:03"]
    assert [amounts.dollars(d) for d in (0, 0.31, 0.039, 0.00012, 1234.5)] == [
        "$0.00", "$0.31", "$0.039", "$0.00012", "$1,234.50",
    ]  # fmt: skip
    assert [amounts.size(n) for n in (12, 4_200, 2_000_000_000)] == ["12 bytes", "4.2 kB", "2.0 GB"]
    assert amounts.share(Usage()) == "–"
    assert amounts.age("2020-01-01T00:00:00").endswith(" d")
    assert amounts.ago("2020-01-01T00:00:00+00:00").endswith(" d ago")
    assert amounts.ago("2999-01-01T00:00:00+00:00") == "just now"
    assert amounts.totals_line(Totals(failed=2, abandoned=1, dollars=1, unpriced=1)) == (
        "0 calls · 0 tokens in (– cached), 0 out · $1.00 + unknown prices · 2 failed · 1 abandoned"
    )
