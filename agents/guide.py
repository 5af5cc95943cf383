"""The guide: leads a reader from the passages that matter to the code that carries them out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.author import Author
from agents.context import Material, file_prefix, imports, preamble
from agents.question import Question
from papercoder.checks.excerpts import SEPARATOR, located
from papercoder.checks.walkthrough import check_walkthrough
from papercoder.models.answers import AnswerError, Parser, fences, text_answer
from papercoder.models.tokens import count_tokens
from prompts import render
from state.assessment import Coverage
from state.requirements import Requirement
from state.walkthrough import Passage, Walkthrough

HEAVIEST = 20
"""Requirements that the guide is told of."""
ROOM_FOR_THE_REST = 5_000
"""Tokens: instructions, requirements, and a repair turn."""

_HEADING = re.compile(r"^#{1,4}[ \t]+(?P<title>\S.*)$")
_FENCE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,})")
_LABEL = re.compile(r"^[\s>*_-]*(?P<label>PAPER|CODE)[\s*_]*:[\s*_]*(?P<names>.*)$", re.IGNORECASE)
_BETWEEN = re.compile(r"[,;]|\band\b")
_NAMED = re.compile(r"(?P<path>[^\s:`]+)`?\s*:{1,2}\s*`?(?P<symbol>[A-Za-z_][\w.]*)")
PYTHON = {"python", "py", "python3", ""}
FORM = "Give it the lines `PAPER: ids` and `CODE: path::symbol`, an explanation, and one ```python block."


def guide(material: Material, code: Mapping[str, str], coverage: Coverage | None) -> Author[Walkthrough]:
    shared = file_prefix(material)
    room = max(material.window - count_tokens(shared) - ROOM_FOR_THE_REST, 2_000)
    files, trimmed = imports(dict(sorted(code.items())), {}, room)
    instructions = render("walkthrough", files=files, requirements=_heaviest(material, coverage))
    question = Question(
        role="guide",
        stage="walkthrough",
        system=preamble(material.context),
        prefix=shared,
        images=material.images,
        task=instructions,
        parse=guided(code),
        trimmed=(*material.shown_paper[1], *trimmed),
        optional=True,
    )
    return Author(question, instructions, as_text, lambda written: check_walkthrough(written, code, material.paper))


def guided(code: Mapping[str, str]) -> Parser[Walkthrough]:
    """A parser of sections, each with a passage's ids, symbols, explanation and check."""
    prose = text_answer()

    def parse(text: str) -> Walkthrough:
        passages = [_passage(section, code) for section in _sections(prose(text)) if section.is_of_a_passage]
        if not passages:
            raise AnswerError("The answer has no section of a passage. Begin each with `## title`. " + FORM)
        return Walkthrough(passages=passages)

    return parse


def as_text(walkthrough: Walkthrough) -> str:
    """The answer that gives this walkthrough."""
    return "\n\n".join(
        f"## {passage.title}\n\nPAPER: {', '.join(passage.source)}\nCODE: {', '.join(passage.symbols)}\n\n"
        f"{passage.explanation}\n\n```python\n{passage.check}\n```"
        for passage in walkthrough.passages
    )


def _heaviest(material: Material, coverage: Coverage | None) -> list[tuple[Requirement, str]]:
    """With the line of the code that meets each, where somebody looked."""
    verdicts = {verdict.requirement: verdict for verdict in coverage.verdicts} if coverage else {}
    places = {id: f"{verdict.file}:{verdict.line}" for id, verdict in verdicts.items() if verdict.credit}
    applicable = [one for one in material.required if not coverage or one.id not in coverage.inapplicable]
    heaviest = sorted(applicable, key=lambda requirement: -requirement.weight)[:HEAVIEST]
    return [(requirement, places.get(requirement.id, "")) for requirement in heaviest]


@dataclass
class Section:
    """A heading's title and what stands under it: all of it, and its lines outside fenced blocks."""

    title: str = ""
    lines: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)

    def names(self, label: str) -> list[str]:
        """What stands behind the label, whatever brackets and marks are around each."""
        lines = [match["names"] for match in map(_LABEL.match, self.prose) if match and match["label"].upper() == label]
        names = [name.strip(" \t`[]*.;()") for line in lines for name in _BETWEEN.split(line)]
        return list(dict.fromkeys(name for name in names if name))

    @property
    def is_of_a_passage(self) -> bool:
        return any(map(_LABEL.match, self.prose))


def _sections(text: str) -> list[Section]:
    """A comment inside a fenced block is no heading."""
    sections, fence = [Section()], ""
    for line in text.split("\n"):
        mark = match["mark"] if (match := _FENCE.match(line)) else ""
        if mark:
            closes = fence and line.strip() == mark and mark.startswith(fence)
            fence = "" if closes else fence or mark
        elif not fence and (heading := _HEADING.match(line)):
            sections.append(Section(heading["title"].strip(" #*`")))
            continue
        elif not fence:
            sections[-1].prose.append(line)
        sections[-1].lines.append(line)
    return sections


def _passage(section: Section, code: Mapping[str, str]) -> Passage:
    blocks = [block for block in fences("\n".join(section.lines)) if block.info.lower() in PYTHON]
    explanation = "\n".join(line for line in section.prose if not _LABEL.match(line)).strip()
    source, symbols = section.names("PAPER"), section.names("CODE")
    parts = {"ids of passages": source, "symbols": symbols, "explanation": explanation, "check": blocks}
    if missing := [what for what, given in parts.items() if not given]:
        raise AnswerError(f"The section {section.title!r} has no {' and no '.join(missing)}. {FORM}")
    if not blocks[-1].closed:
        raise AnswerError(f"The check of {section.title!r} is not closed: the answer seems cut off. Send it whole.")
    return Passage(
        title=section.title or source[0],
        source=[name.split()[0].strip("[]`:") for name in source],  # `E4 (Eq. 4)`
        symbols=[_reference(name, code) for name in symbols],
        explanation=explanation,
        check="\n\n".join(block.body.strip("\n") for block in blocks),
    )


def _reference(name: str, code: Mapping[str, str]) -> str:
    """`src/model.py::Ridge.fit`, also where it was written with one colon, a remark, or by the symbol's name alone."""
    if named := _NAMED.match(name):
        return f"{named['path']}{SEPARATOR}{named['symbol']}"
    return located(name.split()[0].strip("`()"), code)
