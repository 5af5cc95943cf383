"""`run` and `resume`: what is shown, what is asked, how they end."""

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from papercoder.cli import terminal
from state import errors
from state.events import EVENT, CallStarted, RunFailed, RunFinished, RunStarted, Waiting
from state.ledger import Totals

RUN = "20261122-1530-ab12"
BEGUN = [RunStarted(run=RUN, model="openai:m", output="out"), CallStarted(stage="planning", role="planner")]


def failed(code: int, next_step: str = "Do this.") -> RunFailed:
    return RunFailed(run=RUN, cause="It broke.", next_step=next_step, exit_code=code, totals=Totals())


def test_plain_lines(home, invoke, folder: Path) -> None:
    answer = invoke("run", "paper.pdf")
    assert answer.exit_code == 0
    assert answer.stderr == ""
    assert answer.stdout.splitlines() == [
        f"Run {RUN}: openai:gpt-5-mini → ./paper-code",
        "[ 0:00] planning: started",
        "[ 0:00] planning: done, 1 item",
        "[ 0:00] warning: no �[31mtable",
        "[ 0:00] coding: started, 1 files",
        "[ 0:00] coding: 1/1 main.py",
        "[ 0:00] coding: done",
        "Repository  ./paper-code (7 files, commit abcdef1)",
        "Next        cd paper-code && cat README.md",
        "Totals      1 call · 10 k tokens in (90 % cached), 500 out · $0.25 · 0:00",
        f"Run         {RUN} (more: papercoder show {RUN})",
    ]


def test_json_lines(home, invoke) -> None:
    answer = invoke("run", "paper.pdf", "--json")
    events = [EVENT.validate_json(line) for line in answer.stdout.splitlines()]
    assert [event.kind for event in events][::9] == ["run_started", "run_finished"]
    assert len(events) == 10


def test_json_tells_of_failures_too(home, invoke) -> None:
    home.events = [*BEGUN, failed(4)]
    answer = invoke("run", "paper.pdf", "--json")
    assert answer.exit_code == 4
    assert [json.loads(line)["kind"] for line in answer.stdout.splitlines()][2:] == ["run_failed"]
    home.events = [*BEGUN, errors.RunLocked("Busy.", "Wait.")]
    answer = invoke("run", "paper.pdf", "--json")
    assert EVENT.validate_json(answer.stdout.splitlines()[-1]) == RunFailed(
        run=RUN, cause="Busy.", next_step="Wait.", exit_code=8, totals=Totals()
    )


@pytest.mark.parametrize("code", [3, 4, 5, 6, 7, 8, 9, 130])
def test_a_failed_run(code: int, home, invoke) -> None:
    home.events = [*BEGUN, failed(code)]
    answer = invoke("run", "paper.pdf")
    assert answer.exit_code == code
    assert answer.stderr.splitlines() == [
        "Error: It broke.",
        "Next:  Do this.",
        f"Run {RUN} is kept; resume with: papercoder resume {RUN}",
    ]


@pytest.mark.parametrize("kind", errors.PapercoderError.__subclasses__())
def test_a_foreseen_error(kind: type[errors.PapercoderError], home, invoke) -> None:
    home.events = [kind("It broke.", "Do this.")]
    answer = invoke("run", "paper.pdf")
    assert answer.exit_code == kind.exit_code
    assert answer.stderr.splitlines() == ["Error: It broke.", "Next:  Do this."]


def test_resuming_is_advised_once_and_with_the_home_folder(home, invoke) -> None:
    home.events = [*BEGUN, failed(4, f"Raise it: papercoder resume {RUN} --budget 5")]
    assert invoke("run", "paper.pdf").stderr.count("papercoder resume") == 1
    home.events = [*BEGUN, failed(4)]
    assert f"papercoder resume {RUN} --home h" in invoke("run", "paper.pdf", "--home", "h").stderr


def test_a_bug_leaves_a_report(home, invoke, folder: Path) -> None:
    home.events = [*BEGUN, ZeroDivisionError("oh")]
    answer = invoke("run", "paper.pdf")
    (report,) = (folder / ".papercoder" / "errors").iterdir()
    assert answer.exit_code == 1
    assert "ZeroDivisionError: oh" in report.read_text()
    assert str(report.relative_to(folder)) in answer.stderr
    assert f"papercoder resume {RUN}" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_bug_is_reported_without_keys(home, invoke, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-canary-0123456789abcdef"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    home.events = [RuntimeError(f"sent {key}")]
    answer = invoke("run", "paper.pdf", "--debug", "--json")
    kept = "".join(path.read_text() for path in folder.glob(".papercoder/errors/*"))
    for text in (answer.stdout, answer.stderr, kept):
        assert "sent [OPENAI_API_KEY]" in text
        assert key not in text


def test_a_bug_with_debug(home, invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    home.events = [ZeroDivisionError("oh")]
    assert "Traceback" in invoke("run", "paper.pdf", "--debug").stderr
    monkeypatch.setenv("PAPERCODER_DEBUG", "1")
    assert "Traceback" in invoke("run", "paper.pdf").stderr


def test_a_bug_where_no_report_can_be_kept(home, invoke, folder: Path) -> None:
    (folder / ".papercoder").mkdir()
    (folder / ".papercoder" / "errors").touch()
    home.events = [ZeroDivisionError("oh")]
    answer = invoke("run", "paper.pdf")
    assert answer.exit_code == 1
    assert "--debug" in answer.stderr


def test_a_run_without_an_end_is_a_bug(home, invoke) -> None:
    home.events = BEGUN
    assert invoke("run", "paper.pdf").exit_code == 1


def test_stopping_early_has_a_code_of_its_own(home, invoke) -> None:
    home.events = [*BEGUN, RunFinished(run=RUN, published=None, stopped_after="planning", totals=Totals())]
    answer = invoke("run", "paper.pdf", "--until", "planning")
    assert answer.exit_code == 10
    assert f"papercoder show {RUN} --stage planning, then papercoder resume {RUN}" in answer.stdout


def test_the_same_wait_is_told_once(home, invoke) -> None:
    waits = [Waiting(stage="coding", file=f"{n}.py", reason="HTTP 429", seconds=5) for n in range(9)]
    home.events = [*BEGUN, *waits, failed(5)]
    assert invoke("run", "paper.pdf").stdout.count("HTTP 429") == 1


def test_the_first_signal_asks_and_the_second_cancels(home, invoke) -> None:
    home.events = BEGUN

    async def interrupted_twice() -> None:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.05)

    home.after = interrupted_twice
    answer = invoke("run", "paper.pdf")
    assert home.stops == 1
    assert answer.exit_code == 130
    assert "finishing the 1 call in flight; press Ctrl-C again to stop now" in answer.stdout
    assert "Stopped at once; 1 call in flight may be billed." in answer.stderr
    assert f"papercoder resume {RUN}" in answer.stderr


def test_a_run_may_end_by_itself_after_the_first_signal(home, invoke) -> None:
    home.events = [*BEGUN, failed(130)]
    home.on_event = lambda event: os.kill(os.getpid(), signal.SIGTERM) if event.kind == "call_started" else None
    assert invoke("run", "paper.pdf").exit_code == 130


def test_handlers_are_given_back(home, invoke) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    invoke("run", "paper.pdf")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_an_interruption_before_the_run(home, invoke) -> None:
    home.events = [KeyboardInterrupt()]
    assert invoke("run", "paper.pdf").exit_code == 130


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("\n", 0), ("n\n", 130)])
def test_a_paid_run_is_announced(answer: str, code: int, home, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    from click.testing import CliRunner

    from papercoder.cli.app import group

    (folder / "paper.md").write_text("# A Paper\n\n## Method\n\nWe do things.\n")
    monkeypatch.setattr(terminal, "is_interactive", lambda: True)
    result = CliRunner().invoke(group, ["run", "paper.md", "--budget", "2.5", "--scope", "Table 2"], input=answer)
    assert result.exit_code == code
    assert bool(home.asked) == (code == 0)
    for text in ("paper.md", "openai:gpt-5-mini", "paper-code", "$2.50", "Table 2", "Takes    about $0.1", "Go on?"):
        assert text in result.stdout


@pytest.mark.parametrize("arguments", [["--yes"], ["--json"], ["--model", "replay:rec"]])
def test_no_question(arguments: list[str], home, invoke, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "rec").mkdir()
    monkeypatch.setattr(terminal, "is_interactive", lambda: True)
    answer = invoke("run", "paper.pdf", *arguments)
    assert answer.exit_code == 0
    assert "Go on?" not in answer.output


def test_a_paper_that_is_not_there(home, invoke) -> None:
    answer = invoke("run", "papr.pdf")
    assert answer.exit_code == 2
    assert "did you mean paper.pdf?" in answer.stderr
    assert "no folder 'nowhere'" in invoke("run", "nowhere/paper.pdf").stderr


@pytest.mark.parametrize("paper", ["1706.03762v7", "arXiv:1706.03762v7", "https://arxiv.org/pdf/1706.03762v7.pdf"])
def test_a_paper_may_be_an_arxiv_id_or_address(home, invoke, paper: str) -> None:
    assert invoke("run", paper, "--yes").exit_code == 0
    assert (home.asked["source"], home.asked["output"]) == ("arXiv:1706.03762v7", Path("1706.03762v7-code"))


def test_an_address_that_is_not_https_is_refused(home, invoke) -> None:
    answer = invoke("run", "http://example.org/paper.pdf")
    assert answer.exit_code == 2
    assert "only https" in answer.stderr


def test_a_folder_without_latex(home, invoke, folder: Path) -> None:
    (folder / "empty").mkdir()
    answer = invoke("run", "empty")
    assert answer.exit_code == 3
    assert "contains no .tex file" in answer.stderr
    (folder / "empty" / "the paper.pdf").write_bytes(b"%PDF-")
    assert "empty/the paper.pdf" in invoke("run", "empty").stderr


def test_resume_takes_the_newest_unfinished_run(home, invoke, a_record) -> None:
    others = [a_record(id="d", status="running"), a_record(id="c", status="finished")]
    home.records = [*others, a_record(id="b", status="failed"), a_record(id="a")]
    assert invoke("resume", "--until", "logic").exit_code == 0
    assert (home.asked["run"], home.asked["until"]) == ("b", "logic")


@pytest.mark.parametrize(("arguments", "status"), [([], "finished"), ([RUN], "finished"), (["x"], "stopped")])
def test_nothing_to_resume(arguments: list[str], status: str, home, invoke, a_record) -> None:
    home.records = [a_record(status=status)]
    answer = invoke("resume", *arguments)
    assert answer.exit_code == 3
    assert not home.asked
    assert "Traceback" not in answer.output


def test_a_finished_run_can_be_written_again(home, invoke, a_record) -> None:
    home.records = [a_record(status="finished")]
    assert invoke("resume", RUN, "--force").exit_code == 0


def test_an_estimate_begins_nothing(home, invoke, folder: Path) -> None:
    (folder / "paper.md").write_text("# A Paper\n\n## Method\n\nWe do things.\n")
    command = ("run", "paper.md", "--estimate", "--model", "openai:gpt-5-mini")
    text = invoke(*command).stdout
    for part in (
        "Calls    about ",
        "Price    about $0.1",
        "specification",
        "assessment",
        "A critic for every artifact",
    ):
        assert part in text
    plain = invoke(*command, "--rounds", "0", "--repairs", "0", "--no-assess").stdout
    assert "Calls    about 17 (" in plain  # 2 for requirements, 4 for the design, 2 for each of 4 files, tests of 3
    assert "Price    about $0.0" in plain
    assert not home.asked


def test_without_a_price_the_estimate_is_in_tokens(home, invoke, folder: Path) -> None:
    (folder / "paper.md").write_text("# A Paper\n\n## Method\n\nWe do things.\n")
    data = json.loads(invoke("run", "paper.md", "--estimate", "--json", "--model", "openai:mine").stdout)
    assert data["dollars"] is None
    assert data["input"]["low"] < data["input"]["expected"] < data["input"]["high"]
    assert any("--price" in text for text in data["basis"])


def test_an_estimate_stops_where_the_run_would(home, invoke, folder: Path) -> None:
    (folder / "paper.md").write_text("# A Paper\n\n## Method\n\nWe do things.\n")
    data = json.loads(invoke("run", "paper.md", "--estimate", "--json", "--until", "architecture").stdout)
    assert [stage["stage"] for stage in data["stages"]] == ["specification", "planning", "architecture"]
    assert data["calls"]["expected"] == 8  # two for requirements; of plan and architecture each every other is revised
