"""What a run would take, computed and told; no model is asked."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercoder.cli import amounts, terminal

if TYPE_CHECKING:
    from rich.text import Text

    from papercoder.documents.album import Images
    from state.context import Context, Stage
    from state.estimate import Estimate, StageEstimate
    from state.ledger import Totals
    from state.paper import Paper


def expected(
    paper: "Paper", images: "Images", context: "Context", base: Path | None = None, until: "Stage | None" = None
) -> "Estimate":
    """The estimate for a paper with its images."""
    from agents.context import Material
    from agents.estimate import estimate
    from agents.figures import as_prompt, drawn
    from papercoder.publication.base import read_base

    shown = tuple(as_prompt(one, "") for one in drawn(paper, images)[0]) if context.figures else ()
    return estimate(Material(context=context, paper=paper, base=read_base(base) if base else {}, images=shown), until)


def print_estimate(estimate: "Estimate", *, as_json: bool) -> None:
    """Ranges, the expected case stage by stage, and what that is based on."""
    if as_json:
        click.echo(estimate.model_dump_json(indent=2))
        return
    for label, text in facts(estimate):
        click.echo(click.style(f"{label:<9}", bold=True) + text)
    click.echo()
    headers = ["Stage", "Calls", "In", "Cached", "Out", "Price"]
    terminal.print_table(headers, [_row(stage) for stage in estimate.stages], left=1)
    click.echo()
    for text in estimate.basis:
        click.echo(f"- {terminal.one_line(text)}")


def facts(estimate: "Estimate") -> list[tuple[str, str]]:
    """The ranges as labels and texts."""
    tokens = amounts.tokens
    files, calls = estimate.files, estimate.calls
    price = estimate.dollars
    return [
        ("Calls", f"{amounts.within(calls, round_)}, for {amounts.within(files, round_)} files"),
        ("Input", f"{amounts.within(estimate.input, tokens)} tokens, {_cached(estimate)} of them cached"),
        ("Output", f"{amounts.within(estimate.output, tokens)} tokens"),
        ("Price", amounts.within(price, amounts.dollars) if price else "unknown: give it with --price IN,CACHED,OUT"),
        ("Time", amounts.within(estimate.seconds, amounts.clock)),
    ]


def in_short(estimate: "Estimate") -> str:
    """One line for the question before a paid run."""
    calls = amounts.within(estimate.calls, round_)
    price = f"{amounts.within(estimate.dollars, amounts.dollars)}" if estimate.dollars else "price unknown"
    return f"{price}, {calls} calls, {amounts.within(estimate.input, amounts.tokens)} tokens in"


def held_against(estimate: "Estimate", totals: "Totals") -> str:
    """How far a finished run was from what was expected."""
    off = [f"{what} {100 * share:+.0f} %" for what, share in estimate.off_by(totals).items()]
    return f"{in_short(estimate)}; it took, against that: {', '.join(off)}" if off else in_short(estimate)


def round_(value: float) -> str:
    return f"{value:,.0f}"


def _cached(estimate: "Estimate") -> str:
    return f"{100 * estimate.cached.expected / max(estimate.input.expected, 1):.0f} %"


def _row(stage: "StageEstimate") -> "list[Text]":
    from rich.text import Text

    price = "unknown" if stage.dollars is None else amounts.dollars(stage.dollars)
    numbers = [amounts.tokens(count) for count in (stage.input, stage.cached, stage.output)]
    return [Text(cell) for cell in (stage.stage, str(stage.calls), *numbers, price)]
