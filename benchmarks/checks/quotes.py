"""Quotes of real papers, copied faithfully in other spellings, and copied wrong: which of them verify?"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.tables import table
from papercoder.checks.passages import trimmed
from papercoder.checks.quotes import quote_problem
from state.paper import Block, Paper

Change = Callable[[str, random.Random], str | None]
"""A quote in, another one out, or None where there is nothing to change."""

PAPERS = [Path(__file__).parents[2] / "examples" / "paper" / name for name in ("paper.tex", "paper.pdf")]

QUOTES = 40
"""Sentences a paper."""


class Quoted(NamedTuple):
    """How many quotes there were, and how many of them verified."""

    quotes: int
    verified: int


def _in_words(change: Callable[[list[str], random.Random], bool]) -> Change:
    def changed(quote: str, rng: random.Random) -> str | None:
        words = quote.split()
        return " ".join(words) if change(words, rng) else None

    return changed


def _number(quote: str, rng: random.Random) -> str | None:
    digits = [found.start() for found in re.finditer(r"\d", quote)]
    if not digits:
        return None
    at = rng.choice(digits)
    return f"{quote[:at]}{(int(quote[at]) + rng.randint(1, 9)) % 10}{quote[at + 1 :]}"


def _cut_number(quote: str, rng: random.Random) -> str | None:
    found = [f for f in re.finditer(r"(?<![\w.,])\d+(?:\.\d+)?(?![\w.,])", quote) if len(f[0]) > 1]
    return quote[: rng.choice(found).end() - 1] if found else None


def _negated(words: list[str], rng: random.Random) -> bool:
    places = [n for n, word in enumerate(words) if word in ("is", "are", "can", "does", "do", "use", "be")]
    if places:
        words.insert(rng.choice(places) + 1, "not")
    return bool(places)


def _affirmed(words: list[str], rng: random.Random) -> bool:
    places = [n for n, word in enumerate(words[1:-1], start=1) if word in ("not", "no", "without", "never")]
    if places:
        del words[rng.choice(places)]
    return bool(places)


def _swapped(words: list[str], rng: random.Random) -> bool:
    pairs = [n for n in range(1, len(words) - 2) if words[n].isalpha() and words[n + 1].isalpha()]
    if pairs:
        at = rng.choice(pairs)
        words[at], words[at + 1] = words[at + 1], words[at]
    return bool(pairs) and words[at] != words[at + 1]


def _dropped(words: list[str], rng: random.Random) -> bool:
    inner = [n for n, word in enumerate(words) if word.strip("|")][1:-1]
    places = [n for n in inner if words[n].isalpha()]
    if places:
        del words[rng.choice(places)]
    return bool(places)


def _replaced(words: list[str], rng: random.Random) -> bool:
    places = [n for n, word in enumerate(words) if word.isalpha() and len(word) > 3]
    if places:
        words[rng.choice(places)] = "otherwise"
    return bool(places)


def _broken_word(quote: str, rng: random.Random) -> str | None:
    places = [found.start() for found in re.finditer(r"(?<=[a-z]{3})(?=[a-z]{3})", quote)]
    at = rng.choice(places) if places else 0
    return f"{quote[:at]}-\n{quote[at:]}" if places and "\\" not in quote[max(0, at - 12) : at] else None


def _with_ellipsis(quote: str, rng: random.Random) -> str | None:
    words = quote.split()
    at = rng.randrange(3, len(words) - 4)
    short = min(len(trimmed(" ".join(part))) for part in (words[:at], words[at + 1 :])) < 8
    return None if short else f"{' '.join(words[:at])} … {' '.join(words[at + 1 :])}"


def _substituted(pattern: str, new: str) -> Change:
    def changed(quote: str, rng: random.Random) -> str | None:
        other = re.sub(pattern, new, quote)
        return other if other != quote else None

    return changed


FAITHFUL: Mapping[str, Change] = {
    "as it stands": lambda quote, rng: quote,
    "wrapped lines": _substituted(r" (?=\w+ \w+ )", "\n  "),
    "a word broken by a hyphen": _broken_word,
    "hyphens left out": _substituted(r"(?<=[a-z])-(?=[a-z])", ""),
    "ligatures": _substituted("fi", "\ufb01"),
    "typographic quotation marks": _substituted("['’]", "\u2018"),
    "without dollar signs": _substituted(r"\$", ""),
    "in quotation marks": lambda quote, rng: f"“{quote}”",
    "ellipses at its ends": lambda quote, rng: f"…{quote}...",
    "a word left out by an ellipsis": _with_ellipsis,
}
WRONG: Mapping[str, Change] = {
    "number changed": _number,
    "number cut off": _cut_number,
    "“not” added": _in_words(_negated),
    "“not”, “no” or “without” dropped": _in_words(_affirmed),
    "words swapped": _in_words(_swapped),
    "word dropped": _in_words(_dropped),
    "word replaced": _in_words(_replaced),
}


def verified(papers: Sequence[Paper], change: Change) -> Quoted:
    """Changed quotes from all papers, each looked up in the passage that it comes from."""
    found = [
        not quote_problem(other, [block.id], paper)
        for number, paper in enumerate(papers)
        for n, (block, quote) in enumerate(sentences(paper))
        if (other := change(quote, random.Random(f"{number}/{n}"))) is not None and not _stands(other, quote, block)
    ]
    return Quoted(len(found), sum(found))


def _stands(other: str, quote: str, block: Block) -> bool:
    """Whether a changed quote happens to be in the passage, too."""
    return other != quote and f"{other} " in f"{block.text} "


def sentences(paper: Paper) -> Iterator[tuple[Block, str]]:
    """Sentences of eight words or more, and rows of tables, from all over the paper."""
    found = []
    for block in paper.blocks():
        pieces = (
            block.text.split("\n") if block.kind == "table" else re.split(r"(?<=[a-z\])}]\.) (?=[A-Z])", block.text)
        )
        found += [(block, piece) for piece in pieces if len(piece.split()) >= 8 and re.search(r"\w", piece)]
    yield from random.Random(paper.title).sample(found, min(QUOTES, len(found)))


def quotes_report(papers: Sequence[Paper]) -> str:
    """A table of the spellings that must verify, and one of the changes that must not."""
    rows = [(name, *verified(papers, change)) for name, change in FAITHFUL.items()]
    wrong = [(name, quotes, quotes - accepted) for name, change in WRONG.items()
             for quotes, accepted in [verified(papers, change)]]  # fmt: skip
    tables = [(["copied faithfully", "quotes", "verified", "share"], rows),
              (["copied wrong", "quotes", "refused", "share"], wrong)]  # fmt: skip
    return "\n\n".join(table(head, [_row(*row) for row in body]) for head, body in tables)


def _row(name: str, quotes: int, right: int) -> list[str]:
    return [name, str(quotes), str(right), f"{100 * right / quotes:.1f} %" if quotes else "–"]
