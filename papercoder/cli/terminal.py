"""What the other end of our output is: a person at a terminal, or a file."""

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import UnsupportedOperation
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from typing import TextIO

    from rich.console import Console
    from rich.text import Text

NOBODY_READS = 141
"""The exit code of whom the shell ends by SIGPIPE, which scripts with `pipefail` know."""

PIPED_WIDTH = 160  # nobody reads a pipe in 80 columns, and a cut run id is of no use
LEAST = 8  # characters left of what is cut


def is_interactive() -> bool:
    """Somebody can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def is_live() -> bool:
    """Lines can be redrawn, and colours are welcome."""
    return sys.stdout.isatty() and wants_colour()


def wants_colour() -> bool:
    """Nobody has asked for plain text."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def console() -> "Console":
    """For tables and the live view.  Texts are never read as markup: a paper's title may contain brackets."""
    from rich.console import Console

    class Ours(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would exit with 1 by itself

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
    return Ours(markup=False, highlight=False, width=width, soft_wrap=False)


@contextmanager
def quiet_when_nobody_reads() -> Iterator[None]:
    """What reads our output may end first (`| head`): then we end, too, without a word, since nobody would hear it."""
    try:
        yield
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in _unread():
            os.dup2(nowhere, stream.fileno())  # Python writes what is left in its buffers when it ends
        raise SystemExit(NOBODY_READS) from None


def is_unread() -> bool:
    """Whoever read our output has gone."""
    return bool(_unread())


def _unread() -> "list[TextIO]":
    return [stream for stream in (sys.stdout, sys.stderr) if _is_unread(stream)]


def _is_unread(stream: "TextIO") -> bool:
    poll = select.poll()
    try:
        poll.register(stream.fileno(), 0)
    except (UnsupportedOperation, ValueError):  # it is no file, or closed
        return False
    return any(state & (select.POLLERR | select.POLLHUP) for _, state in poll.poll(0))


def clean(text: str) -> str:
    """Without control characters: names and messages come from models and providers, and must not steer a terminal."""
    return "".join(c if c in "\n\t" or c.isprintable() else "�" for c in text)


def one_line(text: str) -> str:
    """Cleaned, and on one line."""
    return " ".join(clean(text).split())


def print_table(headers: list[str], rows: list[list["Text"]], *, left: int, flexible: int | None = None) -> None:
    """A table that fits: the flexible column is cut, then left out; the first one is folded; no other is touched."""
    from rich.table import Table

    out = console()
    widths = [max(len(header), *(len(row[n]) for row in rows)) for n, header in enumerate(headers)]
    shown = list(range(len(headers)))
    if flexible is not None:
        widths[flexible] = min(widths[flexible], out.width - sum(widths) - len(widths) + widths[flexible])
        if widths[flexible] < LEAST:
            shown.remove(flexible)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(headers[0], overflow="fold")
    for n in shown[1:]:
        justify: Literal["left", "right"] = "left" if n < left else "right"
        table.add_column(headers[n], width=widths[n], no_wrap=True, overflow="ellipsis", justify=justify)
    for row in rows:
        table.add_row(*(row[n] for n in shown))
    out.print(table)
