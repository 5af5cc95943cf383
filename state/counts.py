"""Numbers with what they count, as people write them."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 call`, `2 calls`; `plural` where that takes more than an s."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
