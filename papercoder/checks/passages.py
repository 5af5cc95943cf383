"""Where in a paper words stand: the paper's passages, indexed once for many quotes."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import get_args

from papercoder.checks.wording import canonical, find, plain
from state.paper import Block, BlockKind, Paper, Section

_GAP = re.compile(r"[\[(]? ?(?:…|\. ?\. ?\.) ?[\])]?")
_ENDS = " .,;:!?…"
MIN_PART = 3
"""Characters that a part of a quote must have between ellipses: single letters stand anywhere in this order."""

_RUNS: tuple[frozenset[str], ...] = (
    frozenset(get_args(BlockKind)),
    frozenset({"paragraph", "equation"}),
    frozenset({"paragraph"}),
)
"""What a sentence may run over: everything in reading order, or past the floats, or past the formulas."""


@dataclass(frozen=True)
class Run:
    """Neighbouring passages of a section as one canonical text; `ends` says where each of `ids` ends in it."""

    text: str
    ids: tuple[str, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, parts: Iterable[tuple[str, str]]) -> "Run":
        text, ids, ends = "", [], []
        for id, part in parts:
            text = _joined(text, part)
            ids.append(id)
            ends.append(len(text))
        return cls(text, tuple(ids), tuple(ends))

    def touched(self, start: int, end: int) -> list[str]:
        """The passages between two places in the text."""
        begins = (0, *self.ends)
        return [id for n, id in enumerate(self.ids) if begins[n] < end and start < self.ends[n]]


def _joined(text: str, more: str) -> str:
    """A word that goes on is made whole, and two numbers that meet stay two."""
    if text[-1:] == "-" and text[-2:-1].isalpha() and more[:1].isalpha():
        return text[:-1] + more
    return f"{text} {more}" if re.search(r"\d[.,]?$", text) and more[:1].isdigit() else text + more


class Passages:
    """All passages of a paper: blocks, sections with everything below them, references."""

    def __init__(self, paper: Paper) -> None:
        self.labels = paper.labels()
        self.texts = {block.id: _text(block) for block in paper.blocks()}
        self.texts |= {reference.id: f"{reference.label} {reference.text}" for reference in paper.references}
        self._canonical = {id: canonical(text) for id, text in self.texts.items()}
        self._inner = {section.id: _within(n, paper.sections) for n, section in enumerate(paper.sections)}
        self._homes = {block.id: section.id for section in paper.sections for block in section.blocks}
        self._runs = {section.id: list(self._runs_of(section)) for section in paper.sections}
        self._runs |= {reference.id: [Run.of([(reference.id, self._canonical[reference.id])])]
                       for reference in paper.references}  # fmt: skip

    def _runs_of(self, section: Section) -> Iterator[Run]:
        title = (section.id, canonical(f"{section.number} {section.title}"))
        runs = {
            tuple((block.id, self._canonical[block.id]) for block in section.blocks if block.kind in kinds)
            for kinds in _RUNS
        }
        yield from (Run.of([title, *parts]) for parts in sorted(runs, key=len, reverse=True))

    def known(self, anchors: Iterable[str]) -> list[str]:
        return [anchor for anchor in anchors if anchor in self.labels]

    def covered(self, anchors: Iterable[str]) -> list[str]:
        """The passages that anchors stand for: a section's id for all that is in it."""
        found: dict[str, None] = {}
        for anchor in anchors:
            for section in self._inner.get(anchor, ()):
                found |= dict.fromkeys((section.id, *(block.id for block in section.blocks)))
            found[anchor] = None
        return list(found)

    def has(self, quote: str, anchors: Collection[str]) -> bool:
        """Whether the quote stands in one of the passages, or runs from one of them into its neighbour."""
        words, covered = plain(quote), self.covered(anchors)
        if any(find(words, plain(self.texts[id])) >= 0 for id in covered if id in self.texts):
            return True
        homes = dict.fromkeys(self._homes.get(id, id) for id in covered)
        if any({*touched} & {*covered} for touched in self._occurrences(quote, homes)):
            return True
        parts = _parts(quote)
        return any(_in_order(parts, text) for anchor in anchors for text in self._wholes(anchor))

    def where(self, quote: str) -> list[str]:
        """The passages in which the quote stands first; empty if it is nowhere."""
        if found := next(self._occurrences(quote, self._runs), None):
            return found
        parts = _parts(quote)
        return next(([id] for id, text in self._canonical.items() if _in_order(parts, text)), [])

    def _occurrences(self, quote: str, homes: Iterable[str]) -> Iterator[list[str]]:
        words = trimmed(quote)
        for run in (run for home in homes for run in self._runs.get(home, ())):
            start = find(words, run.text) if words else -1
            while start >= 0:
                yield run.touched(start, start + len(words))
                start = find(words, run.text, start + 1)

    def _wholes(self, anchor: str) -> Iterator[str]:
        if anchor in self._canonical:
            yield self._canonical[anchor]
        elif anchor in self._inner:
            yield "\n".join(self._runs[section.id][0].text for section in self._inner[anchor])

    @cached_property
    def _words(self) -> Mapping[str, tuple[list[str], list[str]]]:
        """Each passage's words as they stand there, and as they are compared."""
        return {id: (words := text.split(), [_key(word) for word in words]) for id, text in self.texts.items()}

    def nearest(self, quote: str, ids: Collection[str] | None = None) -> tuple[float, str, str]:
        """The share of the quote's words, the passage and the piece of it that has most of them in one place."""
        wanted = Counter(filter(None, map(_key, quote.split())))
        best = (0.0, "", "")
        for id in self.texts if ids is None else ids:
            words, keys = self._words.get(id, ([], []))
            if sum((wanted & Counter(keys)).values()) > best[0] * wanted.total():
                share, start, end = _window(keys, wanted)
                best = max(best, (share, id, " ".join(words[start:end])), key=lambda found: found[0])
        return best


def trimmed(quote: str) -> str:
    """A quote as it is looked up: without an ellipsis or a full stop at its ends."""
    return canonical(quote.strip(_ENDS)).strip(_ENDS)


def _parts(quote: str) -> list[str]:
    """What stands between the ellipses of a quote; nothing if it has none, or parts too short to say anything."""
    parts = [trimmed(part) for part in _GAP.split(plain(quote).strip(_ENDS))]
    return parts if len(parts) > 1 and min(map(len, parts)) >= MIN_PART else []


def _in_order(parts: list[str], text: str) -> bool:
    """Whether the parts follow each other in the text."""
    at = 0
    for part in parts:
        at = find(part, text, at)
        if at < 0:
            return False
        at += len(part)
    return bool(parts)


def _text(block: Block) -> str:
    """All words of a block, the caption first, as prompts show it."""
    if block.kind == "equation":
        return f"{block.text} ({block.number})" if block.number else block.text
    if block.kind in ("table", "algorithm", "figure"):
        return f"{block.label}: {block.caption}\n{block.text}"
    return block.text


def _within(position: int, sections: tuple[Section, ...]) -> list[Section]:
    """A section and those below it."""
    inner = [sections[position]]
    for section in sections[position + 1 :]:
        if section.level <= inner[0].level:
            break
        inner.append(section)
    return inner


def _key(word: str) -> str:
    return re.sub(r"\W", "", word.casefold())


def _window(keys: list[str], wanted: Counter[str]) -> tuple[float, int, int]:
    """The share of the wanted words in the best stretch of about their number, and where it begins and ends."""
    width = wanted.total() + 2
    best, start, held, seen = 0, 0, 0, Counter[str]()
    for n, key in enumerate(keys):
        seen[key] += 1
        held += seen[key] <= wanted[key]
        if n >= width:
            gone = keys[n - width]
            held -= seen[gone] <= wanted[gone]
            seen[gone] -= 1
        if held > best:
            best, start = held, max(0, n - width + 1)
    end = min(len(keys), start + width)
    while start < end and keys[start] not in wanted:
        start += 1
    while start < end and keys[end - 1] not in wanted:
        end -= 1
    return best / max(1, wanted.total()), start, end


@lru_cache(maxsize=4)
def passages_of(paper: Paper) -> Passages:
    """The index of a paper, made once."""
    return Passages(paper)
