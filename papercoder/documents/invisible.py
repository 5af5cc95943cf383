"""Text that a file holds and its reader never sees: it could tell a model what no person would approve."""

SHOWN = 80


def invisible(text: str) -> str:
    """The warning about such a text, which is kept out of the paper."""
    words = " ".join(text.split())
    shown = f"{words[:SHOWN]}…" if len(words) > SHOWN else words
    return f"Text that no reader can see was left out: {shown!r}."
