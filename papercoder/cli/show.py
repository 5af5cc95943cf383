"""`papercoder show`: everything about one run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from papercoder.cli import amounts, audit, revisions, terminal
from papercoder.cli.command import Command
from papercoder.cli.home import ask_home, database_option, home_option
from papercoder.cli.ledger import by_role, by_stage, print_ledger
from papercoder.cli.names import ARTIFACTS, EVALUATION_STAGES, REPAIR_STAGES, STAGES
from papercoder.cli.options import json_option
from papercoder.cli.readable import readable
from papercoder.cli.reviews import critique_lines, finding_line
from papercoder.cli.runs import as_dict
from state.counts import counted
from state.errors import InputError

if TYPE_CHECKING:
    from papercoder.publication.audit import Audit
    from papercoder.runs import Home, RunRecord
    from state.artifacts import OpenChoice
    from state.critique import Critique
    from state.ledger import LedgerEntry
    from state.walkthrough import Walked

EXAMPLES = """
papercoder show attention-3f2a
papercoder show attention-3f2a --stage planning
papercoder show attention-3f2a --stage architecture --json
papercoder show attention-3f2a --stage assessment
papercoder show attention-3f2a --calls
"""

SHOWN = (*ARTIFACTS, "testing", "integration", "execution", "assessment", "walkthrough")


class Found(NamedTuple):
    """What is kept of a run."""

    record: "RunRecord"
    ledger: "list[LedgerEntry]"
    state: dict[str, Any]
    critiques: "dict[str, Critique]"
    tests: dict[str, str]
    walked: "Walked | None" = None

    @property
    def audit(self) -> "Audit":
        return audit.audit_of(self.state, self.critiques, self.walked)


@click.command("show", cls=Command, examples=EXAMPLES)
@click.argument("run")
@click.option(
    "--stage",
    type=click.Choice(SHOWN),
    metavar="STAGE",
    help=f"Print what this stage produced, and what its review found: {', '.join(SHOWN)}.",
)
@click.option("--calls", is_flag=True, help="Print a line for every model call.")
@json_option("Write JSON.")
@home_option
@database_option
def command(run: str, stage: str | None, calls: bool, as_json: bool, home: Path, database: str) -> None:
    """Show RUN: how far it is, what it took, the choices that the paper left open, where the repository is."""

    async def find(opened: "Home") -> Found:
        record = await opened.run(run)
        return Found(
            record,
            await opened.ledger(record.id),
            await opened.state(record.id),
            await opened.critiques(record.id),
            await opened.tests(record.id),
            await opened.walked(record.id),
        )

    found = ask_home(home, database, find)
    if stage == "assessment":
        _print_coverage(found, as_json)
    elif stage == "testing":
        _print_tests(found, as_json)
    elif stage == "walkthrough":
        _print_walkthrough(found, as_json)
    elif stage == "integration":
        _print_integration(found, as_json)
    elif stage:
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
    artifact = found.state.get(ARTIFACTS.get(stage, stage))
    if artifact is None:
        raise _unfinished(found, stage)
    if as_json:
        click.echo(artifact.model_dump_json(indent=2))
        return
    click.echo(terminal.clean(readable(artifact.model_dump(mode="json"))).rstrip())
    if stage in found.critiques:
        click.secho("\nWhat its review found", bold=True)
        _print_critique(found.critiques[stage])


def _print_tests(found: Found, as_json: bool) -> None:
    """Every test from the paper, with the requirements it cites; then what its review found."""
    import json

    from papercoder.checks.paper_tests import what_tests_cite

    if not found.record.context.tests:
        raise InputError(f"Run {found.record.id} was asked to write no tests.", "A new run writes them: --tests.")
    if not found.tests:
        raise _unfinished(found, "testing")
    cited = what_tests_cite(found.tests)
    if as_json:
        click.echo(json.dumps(cited, indent=2))
        return
    for name, ids in cited.items():
        click.echo(terminal.one_line(f"{name} {', '.join(ids)}").rstrip())
    for loop, critique in found.critiques.items():
        if loop.startswith("testing of ") and critique.kept.findings:
            click.secho(f"\n{loop}", bold=True)
            _print_critique(critique)


def _print_integration(found: Found, as_json: bool) -> None:
    critique = found.critiques.get("integration")
    if critique is None:
        raise _unfinished(found, "integration")
    if as_json:
        click.echo(critique.model_dump_json(indent=2))
    else:
        _print_critique(critique)


def _print_coverage(found: Found, as_json: bool) -> None:
    """Requirement by requirement; then how the code came to meet them."""
    coverage = found.state.get("coverage")
    if coverage is None:
        raise _unfinished(found, "assessment")
    if as_json:
        click.echo(coverage.model_dump_json(indent=2))
        return
    click.echo(audit.coverage_words(found.audit))
    for verdict in coverage.verdicts:
        place = f" {verdict.file}:{verdict.line}" if verdict.credit else f" {verdict.condition}".rstrip()
        click.echo(terminal.one_line(f"{verdict.requirement} {verdict.judgement}{place} {verdict.problem}").rstrip())
    click.secho("\nHow it came about", bold=True)
    _print_critique(found.critiques["assessment"])


def _print_walkthrough(found: Found, as_json: bool) -> None:
    """Check by check; then how they came about."""
    walked = found.walked
    if walked is None:
        if found.record.context.notebook:
            raise _unfinished(found, "walkthrough")
        raise InputError(f"Run {found.record.id} has no walkthrough: it was not asked for.", "Ask with --notebook.")
    if as_json:
        click.echo(walked.model_dump_json(indent=2))
        return
    click.echo(terminal.one_line(audit.walkthrough_words(walked)))
    for passage, run in walked.pairs:
        what = f"{run.outcome}: {passage.title} [{', '.join(passage.source)}] {', '.join(passage.symbols)}"
        click.echo(terminal.one_line(f"{what} {run.error}").rstrip())
    click.secho("\nHow it came about", bold=True)
    _print_critique(found.critiques["walkthrough"])


def _print_critique(critique: "Critique") -> None:
    for line in critique_lines(critique):
        click.echo(terminal.clean(line))


def _unfinished(found: Found, stage: str) -> InputError:
    return InputError(
        f"Run {found.record.id} has not finished {stage} yet.",
        f"Go on with: papercoder resume {found.record.id} --until {stage}",
    )


def _print_json(found: Found, calls: bool) -> None:
    import json

    from state.ledger import Totals

    published = found.state.get("published")
    data = as_dict(found.record, Totals.of(found.ledger)) | {
        "stages": {name: _stage(entries) for name, entries in by_stage(found.ledger).items()},
        **audit.as_dict(found.audit, found.state.get("specification")),
        "open_choices": [choice.model_dump(mode="json") for choice in open_choices(found.state)],
        "revisions": revisions.as_dicts(found.record, found.ledger, found.state),
        "published": published.model_dump(mode="json") if published else None,
    }
    if calls:
        data["calls"] = [entry.model_dump(mode="json") for entry in found.ledger]
    click.echo(json.dumps(data, indent=2))


def _stage(entries: "list[LedgerEntry]") -> dict[str, Any]:
    from state.ledger import Totals

    roles = {role: Totals.of(own).model_dump(mode="json") for role, own in by_role(entries).items()}
    return {**Totals.of(entries).model_dump(mode="json"), "roles": roles}


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
        f"{entry.state:<9} {entry.stage:<13} {' '.join(filter(None, [entry.file, entry.role]))}",
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
        print_ledger(found.ledger)
    for text in revisions.lines(found.record, found.ledger, found.state):
        click.echo(text)
    if still_open := found.audit.open:
        click.secho(f"\nWhat reviews found and nobody mended ({len(still_open)})", bold=True)
        for loop, finding in still_open:
            click.echo(terminal.one_line(f"- {loop} {finding_line(finding)}"))
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
        (
            "Paper",
            terminal.one_line(f"{record.title or Path(record.source).name} ({record.source})") if record.source else "",
        ),
        ("Repairs", record.repair.repository if record.repair else ""),
        ("Status", f"{record.status}, {stage_words(record)}"),
        ("Begun", f"{amounts.ago(record.created)}, last worked on {amounts.ago(record.updated)}"),
        ("Model", context.model + (f" at {context.base_url}" if context.base_url else "") + roles),
        ("Estimate", estimate),
        ("Required", audit.requirement_words(found.state.get("specification"))),
        ("Coverage", audit.coverage_words(found.audit)),
        ("Notebook", audit.walkthrough_words(found.walked)),
        ("Judged", ", ".join(record.evaluation.repositories) if record.evaluation else ""),
        ("Judged by", ", ".join(record.evaluation.chosen) if record.evaluation else ""),
        (
            "Report" if record.evaluation else "Repository",
            f"{published.folder} ({counted(published.files, 'file')})" if published else "",
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
    stages = EVALUATION_STAGES if record.evaluation else REPAIR_STAGES if record.repair else STAGES
    if record.stage not in stages:
        return record.stage or "not begun"
    return f"at {record.stage}, stage {stages.index(record.stage) + 1} of {len(stages)}"


def _choice(choice: "OpenChoice") -> dict[str, Any]:
    return {choice.question.rstrip(":"): {"here": choice.choice, "or": choice.alternatives, "because": choice.reason}}
