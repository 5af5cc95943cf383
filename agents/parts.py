"""The paper cut into parts that are read one by one: consecutive passages, of about the same length each.

What no implementation comes from is in no part: checklists, and acknowledgements and the like, unless they hold a
formula, a table or a setting.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from agents.paper import ASIDE, is_essential
from papercoder.models.tokens import count_tokens
from state.paper import Block, Paper, Section

PART_TOKENS = 3_000


@dataclass(frozen=True)
class Part:
    """Consecutive sections; of one that is longer than a part, a run of its passages."""

    sections: tuple[Section, ...]
    ids: tuple[str, ...]
    """What it is called by: its sections, or first and last passage of a run."""

    @property
    def label(self) -> str:
        return self.ids[0] if len(self.ids) == 1 else f"{self.ids[0]} to {self.ids[-1]}"

    @property
    def text(self) -> str:
        """As prompts show it."""
        return Paper(title="", sections=self.sections).markdown().partition("\n\n")[2]

    def is_in(self, text: str) -> bool:
        """Whether the text has all of it; what is in no part may stand between its sections."""
        return all(Part((section,), ()).text.strip() in text for section in self.sections)

    @property
    def tokens(self) -> int:
        return sum(_tokens(block) for section in self.sections for block in section.blocks)

    def __add__(self, other: "Part") -> "Part":
        return Part(self.sections + other.sections, self.ids + other.ids)


@lru_cache(maxsize=8)
def parts_of(paper: Paper, tokens: int = PART_TOKENS) -> tuple[Part, ...]:
    """Parts of about so many tokens that hold every passage once, in order."""
    pieces = [piece for section in paper.sections if _is_read(section) for piece in _pieces(section, tokens)]
    total = sum(piece.tokens for piece in pieces)
    length = max(1.0, total / max(1, ceil(total / tokens)))
    parts: dict[int, Part] = {}
    before = 0
    for piece in pieces:
        number = int((before + piece.tokens / 2) / length)
        parts[number] = parts[number] + piece if number in parts else piece
        before += piece.tokens
    return tuple(parts.values())


def _is_read(section: Section) -> bool:
    if section.is_checklist:
        return False
    return not ASIDE.search(section.title) or any(is_essential(block) for block in section.blocks)


def _pieces(section: Section, tokens: int) -> Iterator[Part]:
    """The section; one that is much longer than a part, as runs of passages."""
    whole = Part((section,), (section.id,))
    if whole.tokens <= 1.5 * tokens:
        yield whole
        return
    for run in _runs(section.blocks, tokens):
        ids = dict.fromkeys((run[0].id, run[-1].id))
        yield Part((section.model_copy(update={"blocks": run}),), tuple(ids))


def _runs(blocks: tuple[Block, ...], tokens: int) -> Iterator[tuple[Block, ...]]:
    start = length = 0
    for end, block in enumerate(blocks):
        if length and length + _tokens(block) > tokens:
            yield blocks[start:end]
            start, length = end, 0
        length += _tokens(block)
    yield blocks[start:]


def _tokens(block: Block) -> int:
    return count_tokens(block.text) + count_tokens(block.caption)
