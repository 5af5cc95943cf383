"""What a run cost, stage by stage and role by role."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from papercoder.cli import amounts, terminal
from papercoder.cli.names import STAGES

if TYPE_CHECKING:
    from rich.text import Text

    from state.ledger import LedgerEntry


def by_stage(ledger: "Iterable[LedgerEntry]") -> "dict[str, list[LedgerEntry]]":
    """The ledger's rows under their stages, in the pipeline's order."""
    groups: dict[str, list[LedgerEntry]] = {}
    for entry in ledger:
        groups.setdefault(entry.stage, []).append(entry)
    order = {name: number for number, name in enumerate(STAGES)}
    return dict(sorted(groups.items(), key=lambda group: order.get(group[0], len(order))))


def by_role(entries: "Iterable[LedgerEntry]") -> "dict[str, list[LedgerEntry]]":
    """A stage's rows under their roles, in the order in which they were asked."""
    groups: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.role, []).append(entry)
    return groups


def print_ledger(ledger: "list[LedgerEntry]") -> None:
    """A table; below a stage those of its calls that were not its author's, so that it is seen what reviews cost."""
    headers = ["Stage", "Calls", "In", "Cached", "Share", "Out", "Seconds", "Cost"]
    rows = [row for name, entries in by_stage(ledger).items() for row in _rows(name, entries)]
    click.echo()
    terminal.print_table(headers, [*rows, _sums("total", ledger, "bold")], left=1)


def _rows(name: str, entries: "list[LedgerEntry]") -> "Iterator[list[Text]]":
    _, *others = by_role(entries).items()
    yield _sums(name, entries)
    for role, own in others:
        yield _sums(f"  {role}", own, "dim")


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
