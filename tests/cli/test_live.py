"""The live view, on a recorded console of 80 columns."""

import io
import time
from pathlib import Path

import pytest
from rich.console import Console

from papercoder.cli import terminal
from papercoder.cli.live import LiveView, closing, frame
from papercoder.cli.progress import REPEAT_AFTER, Progress
from papercoder.cli.reviews import review_line
from papercoder.cli.summary import summary
from papercoder.cli.views import JsonView, view_for
from state.context import STAGES
from state.errors import Interrupted
from state.events import (
    CallFinished,
    CallRecalled,
    CallStarted,
    Event,
    FileFinished,
    Reviewed,
    RunFailed,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    Waiting,
    Warned,
)
from state.ledger import LedgerEntry, Totals, Usage
from state.published import Published

FILES = [f"src/models/transformer/layer_{n:02}_attention.py" for n in range(40)]
TOTALS = Totals(calls=57, usage=Usage(input=1_234_567, cached=1_100_000, output=82_000), dollars=0.81)


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


def progress_of(events: list[Event], clock: Clock, until: str | None = None) -> Progress:
    progress = Progress(until, now=clock)
    for event in [RunStarted(run="r1", model="openai:m", output="out"), *events]:
        progress.apply(event)
    return progress


def coding(finished: int, in_flight: int) -> list[Event]:
    """In the middle of coding 40 files."""
    entry = LedgerEntry(stage="coding", file=FILES[0], role="coder", model="m", state="answered")
    return [
        StageStarted(stage="planning"),
        StageFinished(stage="planning", summary="22 items, " + "very " * 30 + "many"),
        StageStarted(stage="coding", files=len(FILES)),
        *(CallStarted(stage="coding", file=name, role="coder") for name in FILES[: finished + in_flight]),
        *(CallFinished(entry=entry.model_copy(update={"file": name}), totals=TOTALS) for name in FILES[:finished]),
        *(FileFinished(stage="coding", file=name) for name in FILES[:finished]),
    ]


def drawn(progress: Progress, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, record=True, markup=False)
    console.print(frame(progress, width))
    return console.export_text().splitlines()


def test_forty_files_in_eighty_columns(clock: Clock) -> None:
    progress = progress_of(coding(finished=17, in_flight=16), clock)
    clock.time = 204
    lines = drawn(progress)
    assert max(map(len, lines)) <= 80
    assert len(lines) == len(STAGES) + 5  # 3 lines of names, an empty one, the figures
    planning, at = lines[STAGES.index("planning")], STAGES.index("coding")
    assert planning.startswith("✓ planning      22 items, very")
    assert "…" in planning
    assert "coding        17/40 ━━━━━━━━────────────" in lines[at]
    assert lines[at].endswith("3:24")
    assert lines[at + 1].strip() == FILES[17]
    assert lines[at + 3].strip() == f"{FILES[19]} · +13 more"
    assert lines[-1] == "57 calls + 16 in flight · 1.23 M in (89 % cached), 82 k out · $0.81 · 3:24"


@pytest.mark.parametrize("width", [40, 80, 132])
@pytest.mark.parametrize("in_flight", [0, 1, 23])
def test_no_line_of_the_checklist_is_too_wide(width: int, in_flight: int, clock: Clock) -> None:
    lines = drawn(progress_of(coding(5, in_flight), clock), width)
    assert max(map(len, lines)) <= width
    assert sum(line.startswith("    ") for line in lines[STAGES.index("coding") + 1 : -2]) <= 3


def test_stages_before_a_resumed_one_are_done(clock: Clock) -> None:
    lines = drawn(progress_of([StageStarted(stage="logic")], clock))
    before, after = STAGES.index("logic"), len(STAGES) - STAGES.index("logic") - 1
    assert [line[0] for line in lines[: len(STAGES)]] == ["✓"] * before + ["⠋"] + ["·"] * after
    assert "done before" in lines[0]


def test_only_the_stages_asked_for_are_listed(clock: Clock) -> None:
    asked = ["reading", "specification", "planning", "architecture"]
    assert list(progress_of([], clock, until="architecture").stages) == asked


def test_a_single_call_is_named_with_its_attempt(clock: Clock) -> None:
    events = [StageStarted(stage="planning"), CallStarted(stage="planning", role="planner", attempt=2)]
    assert "planner, attempt 2" in drawn(progress_of(events, clock))[STAGES.index("planning")]


def test_files_under_review_are_named_with_who_is_at_them(clock: Clock) -> None:
    calls = [
        CallStarted(stage="coding", file="a.py", role="coder"),
        CallStarted(stage="coding", file="b.py", role="critic"),
        CallStarted(stage="analysis", file="c.py", role="critic"),
        CallStarted(stage="analysis", file="d.py", role="analyst"),
    ]
    lines = drawn(progress_of([StageStarted(stage="coding", files=4), *calls], clock))
    assert lines[STAGES.index("coding") + 1].strip() == "a.py · b.py (critic) · c.py (critic) · d.py"


@pytest.mark.parametrize(("review", "line"), [
    ({"high": 1, "medium": 2, "outcome": "revising"}, "planning: version 1: 1 high, 2 medium; revising"),
    ({"version": 2, "file": "a.py", "low": 1, "outcome": "nothing to mend"},
     "planning of a.py: version 2: sound, 1 note"),
    ({"version": 2, "medium": 1, "outcome": "no rounds left", "open": ("x",)},
     "planning: version 2: 1 medium; no rounds left, 1 open"),
    ({"score": 0.62, "medium": 3, "outcome": "revising"},
     "planning: version 1: 62 % of the requirements, 3 medium; revising"),
    ({"note": "It is prose.", "outcome": "nothing to mend"}, "planning: version 1: not reviewed: It is prose."),
    ({"reviewed": False, "outcome": "nothing to mend"}, ""),
])  # fmt: skip
def test_a_review_in_words(review: dict, line: str) -> None:
    none = {"stage": "planning", "version": 1, "high": 0, "medium": 0, "low": 0, "reviewed": True}
    assert review_line(Reviewed.model_validate(none | review)) == line


def reviewed(stage: str, *problems: str, file: str = "", **more: object) -> Reviewed:
    counts = {"high": 0, "medium": len(problems), "low": 0}
    return Reviewed(stage=stage, file=file, version=2, outcome="no rounds left", open=problems, **counts, **more)


def test_the_last_lines_name_what_stayed_open_and_what_is_covered(clock: Clock) -> None:
    events = [
        reviewed("planning", "one", "two"),
        reviewed("coding", "three", "four", "five", "six", file="a.py"),
        reviewed("assessment", "R1 is not met", score=0.5, kept=2),
        reviewed("assessment", score=0.75, kept=2).model_copy(update={"version": 3}),
    ]
    labels = summary(finished(), progress_of(events, clock))
    assert [text for label, text in labels if label == "Open"] == [
        "planning: one", "planning: two", "coding of a.py: three", "coding of a.py: four", "coding of a.py: five",
        "and 1 more, all in REPRODUCTION_NOTES.md",
    ]  # fmt: skip
    assert ("Coverage", "50 % of the requirements") in labels


@pytest.mark.parametrize(("code", "mark"), [(5, "✗"), (4, "–"), (130, "–")])
def test_where_a_run_failed(code: int, mark: str, clock: Clock) -> None:
    failure = RunFailed(run="r1", cause="c", next_step="n", exit_code=code, totals=TOTALS)
    lines = drawn(progress_of([*coding(17, 3), failure], clock))
    assert lines[STAGES.index("coding")].startswith(f"{mark} coding        17/40")
    assert "in flight" not in lines[-1]


def test_waits_and_recalled_answers(clock: Clock) -> None:
    wait = Waiting(stage="coding", file=FILES[17], reason="HTTP 429", seconds=12)
    progress = progress_of([*coding(17, 3), CallRecalled(stage="coding", file=FILES[0]), wait], clock)
    assert drawn(progress)[-2:] == [
        "1 answer recalled from before, at no cost",
        "1 call waiting before another attempt",
    ]
    clock.time = 13
    assert "waiting" not in drawn(progress)[-1]


def test_a_wait_is_news_again_after_a_while(clock: Clock) -> None:
    progress = progress_of([], clock)
    wait = Waiting(stage="coding", reason="HTTP 429", seconds=5)
    assert [progress.is_news(wait), progress.is_news(wait)] == [True, False]
    clock.time = REPEAT_AFTER
    assert progress.is_news(wait)


def test_unknown_prices_are_said(clock: Clock) -> None:
    entry = LedgerEntry(stage="planning", role="planner", model="m", state="answered")
    progress = progress_of([CallFinished(entry=entry, totals=Totals(calls=1, unpriced=1))], clock)
    assert "price unknown" in drawn(progress)[-1]


def finished() -> RunFinished:
    return RunFinished(run="r1", published=Published(folder="out dir", files=9, warnings=["a [b]"]), totals=TOTALS)


def test_the_last_lines(clock: Clock) -> None:
    console = Console(file=io.StringIO(), width=80, record=True, markup=False)
    console.print(closing(finished(), progress_of([], clock)))
    text = console.export_text()
    assert "cd 'out dir' && cat README.md" in text
    assert "a [b]" in text
    assert "papercoder show r1" in text


def recorded() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=80, force_terminal=True, markup=False, legacy_windows=False), out


def test_the_view_from_beginning_to_end() -> None:
    console, out = recorded()
    progress = Progress()
    events = [
        RunStarted(run="r1", model="openai:m", output="out", resumed=True, notes=("prompts changed",)),
        *coding(1, 2),
        Warned(text="odd \x1b]0;title\x07table"),
        Waiting(stage="coding", reason="HTTP 500", seconds=3),
        finished(),
    ]
    with LiveView(progress, console) as view:
        for event in events:
            progress.apply(event)
            view.show(event)
        view.note("stopping")
        time.sleep(0.25)
    text = out.getvalue()
    for part in ("Resuming run r1", "prompts changed", "! odd �]0;title�table", "HTTP 500", "stopping", "Repository"):
        assert part in text
    assert "\x1b]0" not in text


@pytest.mark.parametrize(("error", "mark"), [(Interrupted("x"), "–"), (ZeroDivisionError(), "✗")])
def test_the_view_of_a_run_that_breaks_off(error: Exception, mark: str) -> None:
    console, out = recorded()
    progress = Progress()
    view = LiveView(progress, console)

    def break_off() -> None:
        with view:
            for event in [RunStarted(run="r1", model="openai:m", output="out"), *coding(1, 2)]:
                progress.apply(event)
            raise error

    with pytest.raises(type(error)):
        break_off()
    assert progress.stages["coding"].status == ("stopped" if mark == "–" else "failed")
    assert mark in out.getvalue().split("coding")[-2].splitlines()[-1]


def test_which_view(monkeypatch: pytest.MonkeyPatch) -> None:
    from papercoder.cli.plain import PlainView

    assert isinstance(view_for(Progress(), as_json=True), JsonView)
    assert isinstance(view_for(Progress(), as_json=False), PlainView)
    monkeypatch.setattr(terminal, "is_live", lambda: True)
    assert isinstance(view_for(Progress(), as_json=False), LiveView)


@pytest.mark.parametrize(
    ("tty", "variables", "live"),
    [(True, {}, True), (False, {}, False), (True, {"NO_COLOR": "1"}, False), (True, {"TERM": "dumb"}, False)],
)
def test_when_lines_can_be_redrawn(
    tty: bool, variables: dict[str, str], live: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", type("Out", (io.StringIO,), {"isatty": lambda self: tty})())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert terminal.is_live() is live


def test_paths_are_told_as_seen_from_here(folder: Path) -> None:
    from papercoder.cli.summary import nearby

    assert nearby(str(folder / "a")) == "./a"
    assert nearby("/elsewhere/a") == "/elsewhere/a"
