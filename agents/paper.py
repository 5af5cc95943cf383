"""The paper fitted to a model's window: prose goes first, what an implementation is made of never.

References are not shown at all.  What goes next, as far as needed: acknowledgements and impact statements, the prose of
appendices, of related work, and of the other sections from the last to the second.  Formulas, tables, algorithms and
paragraphs that state settings stay.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from papercoder.models.tokens import count_tokens, cut_to_tokens
from state.paper import Block, Paper, Section

ASIDE = re.compile(r"acknowledg|impact|ethic|contribution of authors|author contributions|funding|disclosure", re.I)
CONTEXT = re.compile(r"related work|background|prior work|literature|discussion|conclusion|limitation|future", re.I)
SETTING = re.compile(
    r"learning rate|batch size|weight decay|optimi[sz]er|\badam\w*\b|\bsgd\b|dropout|warm-?up|\bepochs?\b|\bseeds?\b|"
    r"hidden (?:size|units?|dimension)|hyper-?parameter|temperature|momentum|\blayers?\b.{0,40}\d|\d.{0,40}\blayers?\b|"
    r"\d\s*(?:%|k\b|M\b|B\b|GB|steps|iterations|samples|tokens|examples|GPUs?|hours|seconds|ms\b|heads|units|bits)|"
    r"\d+e-\d+|10\s*\^?\s*\{?[-−]\s*\d|=\s*\d",
    re.IGNORECASE,
)
ESSENTIAL = frozenset({"equation", "table", "algorithm"})


@lru_cache(maxsize=8)
def paper_text(paper: Paper, limit: int) -> tuple[str, tuple[str, ...]]:
    """The paper within `limit` tokens, and what was left out.  What stays is shown to the letter."""
    text = paper.markdown()
    if count_tokens(text) <= limit:
        return text, ()
    trimmed = ["the paper's references"]
    sections = list(paper.sections)
    for index in _dispensable(sections):
        shorter = _without_prose(sections[index])
        if shorter is sections[index]:
            continue
        sections[index] = shorter
        trimmed.append(f"the prose of {shorter.label}")
        text = paper.model_copy(update={"sections": tuple(sections)}).markdown()
        if count_tokens(text) <= limit:
            return text, tuple(trimmed)
    trimmed.append("the end of the paper")
    return cut_to_tokens(text, limit), tuple(trimmed)


def is_essential(block: Block) -> bool:
    """What an implementation cannot do without: formulas, tables, algorithms, and whatever states a setting."""
    return block.kind in ESSENTIAL or bool(SETTING.search(f"{block.text} {block.caption}"))


def _dispensable(sections: list[Section]) -> Iterator[int]:
    """Positions of sections in the order in which their prose can be spared; the abstract's cannot."""
    backwards = [index for index in reversed(range(len(sections))) if sections[index].id != "abstract"]
    titled = {index: sections[index].title for index in backwards}
    aside = [index for index in backwards if ASIDE.search(titled[index])]
    appendix = [index for index in backwards if sections[index].label.startswith("App.")]
    context = [index for index in backwards if CONTEXT.search(titled[index])]
    yield from dict.fromkeys([*aside, *appendix, *context, *backwards])


def _without_prose(section: Section) -> Section:
    """Without paragraphs, figures and footnotes that are not essential; how many there were is said in their place."""
    kept = [block for block in section.blocks if is_essential(block)]
    left_out = len(section.blocks) - len(kept)
    if not left_out:
        return section
    note = Block(id=f"{section.id}…", label="", kind="paragraph", text=f"({left_out} passages left out)")
    return section.model_copy(update={"blocks": (*kept, note)})
