"""Text that a file holds and its reader never sees: it could tell a model what no person would approve."""

import re

SHOWN = 80
HEX = re.compile(r"[0-9a-fA-F]{6}")
WHITE_SHARE = 0.95
"""How much of each light there is in what nobody tells from white."""


def invisible(text: str) -> str:
    """The warning about such a text, which is kept out of the paper."""
    words = " ".join(text.split())
    shown = f"{words[:SHOWN]}…" if len(words) > SHOWN else words
    return f"Text that no reader can see was left out: {shown!r}."


def is_white(color: str) -> bool:
    """Whether six hexadecimal digits are white, or so light that nobody tells them from it on paper."""
    return bool(HEX.fullmatch(color)) and all(int(color[at : at + 2], 16) >= 255 * WHITE_SHARE for at in (0, 2, 4))
