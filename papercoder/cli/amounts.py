"""Tokens, money, times and sizes, as people read them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from state.counts import counted

if TYPE_CHECKING:
    from state.estimate import Range
    from state.ledger import Totals, Usage


def within(amount: "Range", words: "Callable[[float], str]") -> str:
    """`about $0.25 ($0.12 to $0.80)`."""
    return f"about {words(amount.expected)} ({words(amount.low)} to {words(amount.high)})"


def tokens(count: float) -> str:
    """`950`, `4.2 k`, `478 k`, `1.23 M`."""
    if count < 1_000:
        return f"{count:.0f}"
    if count < 9_950:
        return f"{count / 1e3:.1f} k"
    return f"{count / 1e3:.0f} k" if count < 999_500 else f"{count / 1e6:.2f} M"


def dollars(amount: float) -> str:
    """`$0.31`; small amounts with more digits."""
    if amount == 0 or amount >= 0.1:
        return f"${amount:,.2f}"
    return f"${amount:.3f}" if amount >= 0.01 else f"${amount:.5f}"


def money(totals: "Totals") -> str:
    """What was spent, as far as the prices are known."""
    if not totals.unpriced:
        return dollars(totals.dollars)
    return f"{dollars(totals.dollars)} + unknown prices" if totals.dollars else "price unknown"


def share(usage: "Usage") -> str:
    """The part of the input that came from the provider's cache."""
    return f"{100 * usage.cached / usage.input:.0f} %" if usage.input else "–"


def totals_line(totals: "Totals") -> str:
    """The ledger in one line."""
    parts = [
        counted(totals.calls, "call"),
        f"{tokens(totals.usage.input)} tokens in ({share(totals.usage)} cached), {tokens(totals.usage.output)} out",
        money(totals),
    ]
    if totals.failed:
        parts.append(f"{totals.failed} failed")
    if totals.abandoned:
        parts.append(f"{totals.abandoned} abandoned")
    if totals.lost:
        most = f" (at most {dollars(totals.lost_dollars)} more)" if totals.lost_dollars else ""
        parts.append(f"{totals.lost} of these may be billed{most}")
    return " · ".join(parts)


def clock(seconds: float) -> str:
    """`0:42`, `12:05`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: int) -> str:
    """Bytes, in decimal units."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"


def age(moment: str) -> str:
    """How long ago an ISO 8601 time was: `5 min`, `2 d`."""
    then = datetime.fromisoformat(moment)
    seconds = (datetime.now(UTC) - (then if then.tzinfo else then.replace(tzinfo=UTC))).total_seconds()
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):  # whole units: 59 minutes are not an hour yet
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return "now"


def ago(moment: str) -> str:
    """The same in a sentence: `5 min ago`."""
    since = age(moment)
    return "just now" if since == "now" else f"{since} ago"
