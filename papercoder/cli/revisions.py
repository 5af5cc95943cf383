"""What `papercoder show` tells of a run's revisions: what was asked for, what changed, what it took."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from papercoder.cli import amounts, terminal

if TYPE_CHECKING:
    from papercoder.storage.manifests import RunRecord
    from state.ledger import LedgerEntry, Totals
    from state.revision import Revision


def lines(record: "RunRecord", ledger: "Sequence[LedgerEntry]", state: dict[str, Any]) -> Iterator[str]:
    """A heading, and a few lines for each; nothing where nobody asked for anything."""
    told = list(_told(record, ledger, state))
    if told:
        yield click.style(f"\nRevisions ({len(told)})", bold=True)
    for number, (remark, revision, took) in enumerate(told, 1):
        yield terminal.one_line(f"{number}. {remark}")
        yield f"   {terminal.one_line(_outcome(revision))} · {amounts.totals_line(took)}"
        if revision:
            yield f"   {terminal.one_line(revision.answer)}"
            for one in revision.deviations:
                yield terminal.one_line(f"   against the paper: {one.paper} Here: {one.here}")


def as_dicts(record: "RunRecord", ledger: "Sequence[LedgerEntry]", state: dict[str, Any]) -> list[dict[str, Any]]:
    """The same for `--json`."""
    return [
        {
            **(revision.model_dump(mode="json", exclude={"before"}) if revision else {}),
            "remark": remark,
            "carried_out": bool(revision and revision.carried_out),
            "totals": took.model_dump(mode="json"),
        }
        for remark, revision, took in _told(record, ledger, state)
    ]


def _told(
    record: "RunRecord", ledger: "Sequence[LedgerEntry]", state: dict[str, Any]
) -> "Iterator[tuple[str, Revision | None, Totals]]":
    """Each remark with what came of it, None where that is not known yet, and what its calls took."""
    from state.ledger import Totals

    remarks, revisions = record.remarks, state.get("revisions") or []
    ends = [*(remark.calls for remark in remarks[1:]), len(ledger)]
    for number in range(max(len(remarks), len(revisions))):
        revision = revisions[number] if number < len(revisions) else None
        own = ledger[remarks[number].calls : ends[number]] if number < len(remarks) else ()
        text = revision.remark if revision else remarks[number].text
        yield " ".join(text.split()), revision, Totals.of(list(own))


def _outcome(revision: "Revision | None") -> str:
    if revision is None:
        return "not finished"
    if not revision.carried_out:
        return "nothing was changed"
    gone = [f"without {path}" for path in revision.removed]
    named = [*revision.artifacts, *revision.requirements, *revision.files, *gone]
    return (", ".join(named) or "no file changed") + ("" if revision.published else " (not published yet)")
