"""How much of a true paper a reading has, and what it has beside it."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.documents.reading import Reading
from benchmarks.documents.words import CITATION, Gram, letters, read_grams, true_grams, words

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
LINE_BREAK = re.compile(r"([^\W\d_]{2,})[-\u00ad\x02\ufffe]\s*([a-zà-ÿ]{2,})")
NUMBERED_HEADING = re.compile(r"(?:[A-Z]|\d{1,2})(?:\.\d{1,2})*\.?\s+")
NO_SECTIONS = {"abstract", "references", "bibliography"}
ALIKE = 0.6


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    found: int
    of: int

    @property
    def value(self) -> float:
        return self.found / self.of if self.of else 1.0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.found + other.found, self.of + other.of)


@dataclass(frozen=True)
class Measures:
    """None where the reader does not tell such things apart, or the truth does not have them."""

    prose: Share
    order: Share
    headings: Share | None
    false_headings: int | None
    heading_numbers: Share | None
    equations: Share | None
    symbols: Share | None
    rows: Share
    cells: Share
    captions: Share | None
    references: Share | None
    hyphens: int
    heads: int
    seconds_a_page: float
    peak: int


def measure(read: Reading, truth: Reading, running_heads: Sequence[str]) -> Measures:
    """Hold a reading against the truth; `running_heads` are lines that pages repeat."""
    true, got = true_grams(truth.prose), read_grams(read.prose)
    headings, false, numbers = _headings(read, truth)
    equations, symbols = _equations(read, truth)
    rows, cells = _rows(read.rows, truth.rows)
    return Measures(
        prose=_found(true, got),
        order=_order(true, got),
        headings=headings,
        false_headings=false,
        heading_numbers=numbers,
        equations=equations,
        symbols=symbols,
        rows=rows,
        cells=cells,
        captions=_found(true_grams(truth.captions or [], 3), read_grams(read.captions, 3)) if read.captions else None,
        references=_references(read.references, truth.references) if truth.references else None,
        hyphens=_hyphens(read.prose, truth.prose),
        heads=_heads(read.prose, running_heads),
        seconds_a_page=read.seconds / max(read.pages, 1),
        peak=read.peak,
    )


def _found(true: Sequence[Gram], got: Sequence[Gram]) -> Share:
    return Share(sum((Counter(true) & Counter(got)).values()), len(true))


def _order(true: Sequence[Gram], got: Sequence[Gram]) -> Share:
    """Of the 5-grams that both have exactly once, how many stand in one rising sequence."""
    counts = Counter(true)
    once = {gram for gram, count in Counter(got).items() if count == 1 and counts[gram] == 1}
    place = {gram: index for index, gram in enumerate(got)}
    places = [place[gram] for gram in true if gram in once]
    ends: list[int] = []
    for position in places:
        at = bisect_left(ends, position)
        ends[at : at + 1] = [position]
    return Share(len(ends), len(places))


def _headings(read: Reading, truth: Reading) -> tuple[Share | None, int | None, Share | None]:
    if read.headings is None:
        return None, None, None
    true = Counter(letters(title) for _, title in truth.headings or [])
    numbers = {letters(title): number for number, title in truth.headings or []}
    stripped = [(number, letters(NUMBERED_HEADING.sub("", title, count=1))) for number, title in read.headings]
    whole = [letters(title) for _, title in read.headings]
    keys = [title if title in true else key for title, (_, key) in zip(whole, stripped, strict=True)]
    got = Counter(key for key in keys if key and key not in NO_SECTIONS)
    right = sum((true & got).values())
    numbered = [(numbers[key], n) for key, (n, _) in zip(keys, stripped, strict=True) if numbers.get(key)]
    agree = Share(sum(one == other for one, other in numbered), len(numbered))
    return Share(right, sum(true.values())), sum(got.values()) - right, agree


def _equations(read: Reading, truth: Reading) -> tuple[Share | None, Share | None]:
    """The numbers of numbered equations; and of the letters and digits of those, how many the reading has."""
    if read.equations is None or truth.equations is None:
        return None, None
    got = {number: text for number, text in read.equations if number}
    true = {number: text for number, text in truth.equations if number}
    symbols = Share(0, 0)
    for number, text in true.items():
        wanted = Counter(_symbols(text))
        have = Counter(_symbols(got.get(number, "")))
        symbols += Share(sum((wanted & have).values()), sum(wanted.values()))
    return Share(len(true.keys() & got.keys()), len(true)), symbols


def _symbols(formula: str) -> str:
    """Letters and digits of a formula; commands, and so Greek letters and signs, are left aside."""
    plain = re.sub(r"\\(?:label|ref|tag)\{[^{}]*\}|\\[a-zA-Z]+|\\.", " ", formula)
    return "".join(re.findall(r"[A-Za-z0-9]", plain))


def _rows(read: Sequence[Sequence[str]], truth: Sequence[Sequence[str]]) -> tuple[Share, Share]:
    """Rows with two numbers or more of which all stand in one row that was read; and the cells that are alike."""
    candidates = [(_numbers(row), {_cell(cell) for cell in row}) for row in read]
    rows, cells = Share(0, 0), Share(0, 0)
    for row in truth:
        numbers = _numbers(row)
        if numbers.total() < 2:
            continue
        wanted = [_cell(cell) for cell in row if _numbers([cell])]
        alike = [have for got, have in candidates if _within(numbers, got)]
        best = max((sum(cell in have for cell in wanted) for have in alike), default=0)
        rows += Share(bool(alike), 1)
        cells += Share(best, len(wanted))
    return rows, cells


def _plain(cell: str) -> str:
    """Without commands, and without citations, which the two forms print as numbers and as keys."""
    return re.sub(r"\\[a-zA-Z]+|[${}^_~*\\]", " ", CITATION.sub(" ", cell))


def _cell(cell: str) -> str:
    return "".join(re.findall(r"[A-Za-z0-9.]", _plain(cell))).lower()


def _numbers(row: Iterable[str]) -> Counter[str]:
    return Counter(NUMBER.findall(" ".join(map(_plain, row))))


def _within(wanted: Counter[str], got: Counter[str]) -> bool:
    """Whether a row has all the numbers and is not half a page."""
    return wanted <= got and got.total() <= 2 * wanted.total() + 2


def _references(read: Iterable[str], truth: Sequence[str]) -> Share:
    """True entries for which one that was read has most of their words, and not many more."""
    got = [Counter(words(text)) for text in read]
    return Share(sum(any(_alike(Counter(words(text)), have) for have in got) for text in truth), len(truth))


def _alike(one: Counter[str], other: Counter[str]) -> bool:
    common = sum((one & other).values())
    return common >= ALIKE * max(sum(one.values()), sum(other.values()), 1)


def _hyphens(read: Iterable[str], truth: Iterable[str]) -> int:
    """Words that a line's end had parted and the reading left so; the paper's own words tell."""
    true = " ".join(truth).lower()
    vocabulary = set(words(true))
    parted = LINE_BREAK.findall("\n".join(read).lower())
    return sum(a + b in vocabulary and f"{a}-{b}" not in true for a, b in parted)


def _heads(read: Iterable[str], running_heads: Sequence[str]) -> int:
    """How often running heads are still there; once each is allowed, since it may be the title."""
    text = letters(" ".join(read))
    return sum(max(0, text.count(head) - 1) for head in running_heads)
