"""What the other end of our output is: a person at a terminal, or a file."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 160  # nobody reads a pipe in 80 columns, and a cut run id is of no use


def is_interactive() -> bool:
    """Somebody can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def is_live() -> bool:
    """Lines can be redrawn, and colours are welcome."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def console() -> "Console":
    """For tables and the live view.  Texts are never read as markup: a paper's title may contain brackets."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
    return Console(markup=False, highlight=False, width=width, soft_wrap=False)


def clean(text: str) -> str:
    """Without control characters: names and messages come from models and providers, and must not steer a terminal."""
    return "".join(c if c in "\n\t" or c.isprintable() else "�" for c in text)


def one_line(text: str) -> str:
    """Cleaned, and on one line."""
    return " ".join(clean(text).split())
