"""`papercoder show`: everything about one run."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from papercoder.cli import amounts, terminal
from papercoder.cli.command import Command
from papercoder.cli.home import ask_home, database_option, home_option
from papercoder.cli.names import ARTIFACTS, EVALUATION_STAGES, STAGES
from papercoder.cli.options import json_option
from papercoder.cli.readable import readable
from papercoder.cli.runs import as_dict
from state.errors import InputError

if TYPE_CHECKING:
    from rich.text import Text

    from papercoder.runs import Home, RunRecord
    from state.artifacts import OpenChoice
    from state.ledger import LedgerEntry

EXAMPLES = """
papercoder show attention-3f2a
papercoder show attention-3f2a --stage planning
papercoder show attention-3f2a --stage architecture --json
papercoder show attention-3f2a --calls
"""


class Found(NamedTuple):
    """What is kept of a run."""

    record: "RunRecord"
    ledger: "list[LedgerEntry]"
    state: dict[str, Any]


@click.command("show", cls=Command, examples=EXAMPLES)
@click.argument("run")
@click.option("--stage", type=click.Choice(list(ARTIFACTS)), help="Print what this stage produced.")
@click.option("--calls", is_flag=True, help="Print a line for every model call.")
@json_option("Write JSON.")
@home_option
@database_option
def command(run: str, stage: str | None, calls: bool, as_json: bool, home: Path, database: str) -> None:
    """Show RUN: how far it is, what it took, the choices that the paper left open, where the repository is."""

    async def find(opened: "Home") -> Found:
        record = await opened.run(run)
        return Found(record, await opened.ledger(record.id), await opened.state(record.id))

    found = ask_home(home, database, find)
    if stage:
        _print_artifact(found, stage, as_json)
    elif as_json:
        _print_json(found, calls)
    elif calls:
        _print_calls(found.ledger)
    else:
        _print_overview(found)


def open_choices(state: dict[str, Any]) -> "list[OpenChoice]":
    """All choices that the stages so far had to make."""
    artifacts = [state[key] for key in ARTIFACTS.values() if state.get(key)]
    return [choice for artifact in artifacts for choice in artifact.open_choices]


def _print_artifact(found: Found, stage: str, as_json: bool) -> None:
    if found.record.evaluation:
        raise InputError(f"Run {found.record.id} is an evaluation, which has no {stage}.", "Leave out --stage.")
    artifact = found.state.get(ARTIFACTS[stage])
    if artifact is None:
        raise InputError(
            f"Run {found.record.id} has not finished {stage} yet.",
            f"Go on with: papercoder resume {found.record.id} --until {stage}",
        )
    data = artifact.model_dump(mode="json")
    click.echo(artifact.model_dump_json(indent=2) if as_json else terminal.clean(readable(data)).rstrip())


def _print_json(found: Found, calls: bool) -> None:
    import json

    from state.ledger import Totals

    published = found.state.get("published")
    data = as_dict(found.record, Totals.of(found.ledger)) | {
        "stages": {
            name: Totals.of(entries).model_dump(mode="json") for name, entries in by_stage(found.ledger).items()
        },
        "open_choices": [choice.model_dump(mode="json") for choice in open_choices(found.state)],
        "published": published.model_dump(mode="json") if published else None,
    }
    if calls:
        data["calls"] = [entry.model_dump(mode="json") for entry in found.ledger]
    click.echo(json.dumps(data, indent=2))


def by_stage(ledger: "Iterable[LedgerEntry]") -> "dict[str, list[LedgerEntry]]":
    """The ledger's rows under their stages, in the pipeline's order."""
    groups: dict[str, list[LedgerEntry]] = {}
    for entry in ledger:
        groups.setdefault(entry.stage, []).append(entry)
    order = {name: number for number, name in enumerate(STAGES)}
    return dict(sorted(groups.items(), key=lambda group: order.get(group[0], len(order))))


def _print_calls(ledger: "list[LedgerEntry]") -> None:
    if not ledger:
        click.echo("No calls yet.")
    for entry in ledger:
        click.echo(terminal.one_line(call_line(entry)))


def call_line(entry: "LedgerEntry") -> str:
    """A call in one line."""
    usage = entry.usage
    cost = amounts.dollars(entry.dollars) if entry.dollars is not None else "price unknown"
    parts = [
        f"{entry.state:<9} {entry.stage:<13} {entry.file or entry.role}",
        f"round {entry.round}" if entry.round else "",
        f"sample {entry.sample + 1}" if entry.sample else "",
        f"attempt {entry.attempt}" if entry.attempt > 1 else "",
        f"{usage.input} in, {usage.cached} cached, {usage.output} out{' (estimated)' if usage.estimated else ''}",
        f"{entry.seconds:.1f} s",
        cost if entry.state == "answered" else "",
        entry.model,
        entry.finish_reason if entry.finish_reason != "stop" else "",
        entry.error,
    ]
    return " · ".join(part for part in parts if part)


def _print_overview(found: Found) -> None:
    for label, text in _facts(found):
        click.echo(click.style(f"{label:<11}", bold=True) + terminal.clean(text))
    if found.ledger:
        _print_ledger(found.ledger)
    choices = open_choices(found.state)
    if choices:
        click.secho(f"\nWhat the paper leaves open ({len(choices)})", bold=True)
        click.echo(terminal.clean(readable([_choice(choice) for choice in choices])).rstrip())


def _facts(found: Found) -> list[tuple[str, str]]:
    record, context, published = found.record, found.record.context, found.state.get("published")
    estimate = _estimate(found)
    roles = "".join(f", {role}: {name}" for role, name in context.models.items())
    rows = [
        ("Run", record.id),
        ("Paper", terminal.one_line(f"{record.title or Path(record.source).name} ({record.source})")),
        ("Status", f"{record.status}, {stage_words(record)}"),
        ("Begun", f"{amounts.ago(record.created)}, last worked on {amounts.ago(record.updated)}"),
        ("Model", context.model + (f" at {context.base_url}" if context.base_url else "") + roles),
        ("Estimate", estimate),
        ("Judged", ", ".join(record.evaluation.repositories) if record.evaluation else ""),
        ("Judged by", ", ".join(record.evaluation.chosen) if record.evaluation else ""),
        (
            "Report" if record.evaluation else "Repository",
            f"{published.folder} ({amounts.counted(published.files, 'file')})" if published else "",
        ),
        ("Output", "" if published else f"{record.output} (not written yet)"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in record.versions.items())),
        ("Error", record.error),
        ("Next", "" if record.status == "finished" else f"papercoder resume {record.id}"),
    ]
    return [(label, text) for label, text in rows if text]


def _estimate(found: Found) -> str:
    """What was expected, and of a finished run how far that was off."""
    from papercoder.cli.estimating import held_against, in_short
    from state.ledger import Totals

    estimate = found.record.estimate
    if not estimate:
        return ""
    finished = found.record.status == "finished"
    return held_against(estimate, Totals.of(found.ledger)) if finished else in_short(estimate)


def stage_words(record: "RunRecord") -> str:
    """How far a run has come."""
    if record.status == "finished":
        return "all stages done"
    stages = EVALUATION_STAGES if record.evaluation else STAGES
    if record.stage not in stages:
        return record.stage or "not begun"
    return f"at {record.stage}, stage {stages.index(record.stage) + 1} of {len(stages)}"


def _choice(choice: "OpenChoice") -> dict[str, Any]:
    return {choice.question.rstrip(":"): {"here": choice.choice, "or": choice.alternatives, "because": choice.reason}}


def _print_ledger(ledger: "list[LedgerEntry]") -> None:
    headers = ["Stage", "Calls", "In", "Cached", "Share", "Out", "Seconds", "Cost"]
    rows = [_sums(name, entries) for name, entries in by_stage(ledger).items()]
    click.echo()
    terminal.print_table(headers, [*rows, _sums("total", ledger, "bold")], left=1)


def _sums(name: str, entries: "list[LedgerEntry]", style: str = "") -> "list[Text]":
    from rich.text import Text

    from state.ledger import Totals

    totals = Totals.of(entries)
    usage = totals.usage
    cells = [
        name,
        f"{totals.calls}" + (f" (+{totals.failed} failed)" if totals.failed else ""),
        amounts.tokens(usage.input),
        amounts.tokens(usage.cached),
        amounts.share(usage),
        amounts.tokens(usage.output),
        f"{sum(entry.seconds for entry in entries):,.0f}",
        amounts.money(totals),
    ]
    return [Text(cell, style) for cell in cells]
