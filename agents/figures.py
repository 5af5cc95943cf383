"""Which figures models are shown: those that say how the method works, not those that plot what came out.

1. A figure that calls itself an overview, architecture, framework or the like, wherever it stands.
2. A figure of, or one referred to from, a section about the method: not one about experiments, related work, and so
   on, and no appendix.

Never one whose caption speaks of results, never one without an image.  At most `MOST` images: of the first kind first,
then those that the method refers to most; shown in the paper's order.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from papercoder.documents.album import reference
from papercoder.documents.drawing import Drawing, draw
from papercoder.documents.image_files import image_file
from papercoder.models.requests import Image
from state.paper import Block, Paper, Section, ShownFigure

MOST = 6
PARTS = 3
"""Images of one figure; one with more parts than that is a gallery."""
SIDE = 1_024
"""Pixels of the longer side: enough to read a diagram's labels, and a thousand tokens or less with most providers."""
BYTES = 1_000_000

ELSEWHERE = re.compile(
    r"introduction|related|prior work|background|preliminar|experiment|evaluation|result|ablation|discussion|"
    r"conclusion|limitation|impact|ethic|acknowledg|future|checklist|case stud|visuali[sz]ation",
    re.IGNORECASE,
)
OVERVIEW = re.compile(
    r"\b(?:overview|architecture|framework|pipeline|workflow|schematic|diagram|flow ?chart|illustrat\w*|"
    r"our (?:method|model|approach)|proposed (?:method|model|approach)|structure of|block of)\b",
    re.IGNORECASE,
)
RESULTS = re.compile(
    r"\b(?:accurac\w*|performance|(?:main|experimental|empirical|test) results|results? (?:on|of|for|with)|comparison|"
    r"ablation|scores? (?:on|of|for|across)|(?:learning|training|loss) curves?|reward|perplexity|error rate|f1|recall|"
    r"sensitivity|distributions? of|histograms?|t-?sne|attention (?:maps?|heads?)|vs\.?|versus|benchmarks?|"
    r"as a function of)(?!\w)",
    re.IGNORECASE,
)
MENTION = re.compile(r"\bfig(?:ure|s|ures|\.)?\s*~?\s*\(?(\w?\.?\d+(?:\.\d+)*)", re.IGNORECASE)


def chosen(paper: Paper) -> list[Block]:
    """The figures to show, in the paper's order."""
    mentions = _mentions(paper)
    candidates = [
        (not OVERVIEW.search(block.caption), -mentions[block.id], position, block)
        for position, block in enumerate(paper.blocks())
        if block.kind == "figure" and block.images and not RESULTS.search(block.caption)
        if OVERVIEW.search(block.caption) or mentions[block.id]
    ]
    room, kept = MOST, []
    for _, _, position, block in sorted(candidates, key=lambda candidate: candidate[:3]):
        parts = min(len(block.images), PARTS)
        if parts <= room:
            room -= parts
            kept.append((position, block))
    return [block for _, block in sorted(kept, key=lambda one: one[0])]


def drawn(paper: Paper, images: Mapping[str, bytes]) -> tuple[list[ShownFigure], dict[str, bytes], list[str]]:
    """The chosen figures drawn anew and small; their bytes under their hashes; what went wrong."""
    parts = [(block, ref) for block in chosen(paper) for ref in block.images[:PARTS] if ref.sha256 in images]
    made = draw([Drawing(images[ref.sha256], SIDE, BYTES) for _, ref in parts])
    shown: list[ShownFigure] = []
    contents: dict[str, bytes] = {}
    problems: list[str] = []
    for (block, _), result in zip(parts, made, strict=True):
        if isinstance(result, str):
            problems.append(f"{block.label} is not shown to the models: {result}.")
            continue
        ref = reference(result, image_file(result))
        contents[ref.sha256] = result
        shown.append(ShownFigure(anchor=block.id, label=block.label, image=ref))
    if not shown:
        problems.append("No figure that the method depends on has an image, so the models are shown none.")
    return shown, contents, problems


def as_prompt(figure: ShownFigure, base64: str) -> Image:
    """The figure as a prompt carries it; an estimate does without the bytes."""
    image = figure.image
    label = f"[{figure.anchor}] of the paper below:"  # an id holds no words of the paper's
    return Image(label, image.sha256, image.media_type, image.width, image.height, base64)


def _mentions(paper: Paper) -> Counter[str]:
    """How often sections about the method refer to each figure; standing in one counts, too."""
    numbers = {block.number: block.id for block in paper.blocks() if block.kind == "figure" and block.number}
    found: Counter[str] = Counter()
    for section in _method(paper):
        for block in section.blocks:
            if block.kind == "figure":
                found[block.id] += 1
            else:
                found.update(numbers[number] for number in MENTION.findall(block.text) if number in numbers)
    return found


def _method(paper: Paper) -> Iterator[Section]:
    """Sections about the method; one below a section about something else is about that."""
    outside: int | None = None
    for section in paper.sections:
        if outside is not None and section.level > outside:
            continue
        aside = section.id == "abstract" or section.label.startswith("App.") or bool(ELSEWHERE.search(section.title))
        outside = section.level if aside else None
        if not aside:
            yield section
