"""Which lines of a PDF are headings: by its outline, else by numbering and type."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from papercoder.documents.headings import depth, is_checklist, is_references, split_number
from papercoder.documents.pdf_layout import Layout
from papercoder.documents.pdf_lines import Line

MAX_OUTLINE = 2_000
MAX_HEADING = 160
MAX_LINES = 3
LARGER = 1.08
SENTENCE_END = re.compile(r"[.,;:]$")
USUAL_NAMES = """
abstract, introduction, background, preliminaries, method, methods, methodology, experiments, results,
discussion, conclusion, conclusions, limitations, limitation, acknowledgements, acknowledgments,
acknowledgement, acknowledgment, references, bibliography, appendix, appendices, related work, related works,
impact statement, broader impact, ethics statement, supplementary material, reproducibility statement, ethical
considerations, experimental setup, author contributions, impact statements, supplemental material, broader
impacts
"""
USUAL = {name.strip() for name in USUAL_NAMES.split(",")}


@dataclass(frozen=True)
class Heading:
    number: str
    title: str
    level: int
    appendix: bool
    lines: int


def outline_titles(document: Any) -> dict[tuple[int, str], int]:
    """The PDF's bookmarks: the level of each title on its page."""
    titles: dict[tuple[int, str], int] = {}
    for count, item in enumerate(document.get_toc(max_depth=6)):
        destination = item.get_dest()
        page = destination.get_index() if destination else None
        if count >= MAX_OUTLINE:
            break
        if page is not None and (key := letters(split_number(item.get_title())[1])):
            titles[page + 1, key] = item.level + 1
    return titles


def letters(text: str) -> str:
    """A title's letters and digits alone, for comparing."""
    return re.sub(r"[\W_]+", "", text).lower()


def is_usual(title: str) -> bool:
    """Whether papers usually have a section of this name."""
    return title.lower().strip(" .:") in USUAL


class Headings:
    """Recognises headings among a document's lines."""

    def __init__(self, lines: list[Line], layout: Layout, outline: dict[tuple[int, str], int]) -> None:
        self._lines = lines
        self._layout = layout
        self._outline = outline
        self._styles = self._numbered_styles()
        self._seen_references = False
        self._in_checklist = False
        self._next_letter = "A"

    def at(self, index: int) -> Heading | None:
        """The heading that begins at a line, if one does; the questions of a checklist are none."""
        found = self._find(index)
        if found and not (self._in_checklist and _is_question(found)):
            return self._noted(found)
        return None

    def _find(self, index: int) -> Heading | None:
        line = self._lines[index]
        if len(line.text) > MAX_HEADING or line.math_share > 0.6:
            return None
        candidates = list(self._candidates(index))
        for count, text in reversed(candidates):
            found = self._outlined(line, text, count) if self._outline else None
            if found:
                return found
        return self._typeset(line, *candidates[self._extent(index) - 1])

    def _candidates(self, index: int) -> Iterator[tuple[int, str]]:
        """The line alone, and with the lines below it in the same type."""
        first = previous = self._lines[index]
        text = first.text
        yield 1, text
        for count, line in enumerate(self._lines[index + 1 : index + MAX_LINES], start=2):
            close = 0 < previous.y - line.y < 1.7 * first.size
            if not close or abs(line.size - first.size) > 0.2 or line.bold != first.bold:
                return
            text = text[:-1] + line.text if text.endswith("-") else f"{text} {line.text}"
            yield count, text
            previous = line

    def _extent(self, index: int) -> int:
        """How many lines a heading without an outline entry takes: those of its own type."""
        line = self._lines[index]
        if not (line.bold or line.size > LARGER * self._layout.size):
            return 1
        return max(count for count, _ in self._candidates(index))

    def _outlined(self, line: Line, text: str, count: int) -> Heading | None:
        number, title, appendix = split_number(text, in_appendix=True)
        for words in (title, text):
            level = self._outline.get((line.page, letters(words)))
            if level:
                number, appendix = (number, appendix) if words is title else ("", False)
                return Heading(number, words, depth(number) if number else level, appendix, count)
        return None

    def _typeset(self, line: Line, count: int, text: str) -> Heading | None:
        in_appendix = self._seen_references or self._is_next_letter(line, text)
        number, title, appendix = split_number(text, in_appendix=in_appendix)
        usual = is_usual(text) or is_checklist(text)
        marked = line.bold or line.size > LARGER * self._layout.size or (usual and line.cells[0].text.isupper())
        if not marked or len(line.cells) > 2 or not re.search(r"[^\W\d]{2}", title):
            return None
        if usual or (number and self._is_numbered_heading(line, number, title, appendix and not in_appendix)):
            return Heading(number, title.rstrip("."), depth(number) if number else 1, appendix, count)
        style = (line.size, line.bold)
        same = style in self._styles and line.size > LARGER * self._layout.size
        if same and not number and title[0].isupper() and not SENTENCE_END.search(title):
            return Heading("", title, self._styles[style], False, count)
        return None

    def _is_next_letter(self, line: Line, text: str) -> bool:
        """`A Proofs` before the references: in the type of the numbered headings, with the letter whose turn it is."""
        return (line.size, line.bold) in self._styles and text.startswith(f"{self._next_letter} ")

    def _is_numbered_heading(self, line: Line, number: str, title: str, early_appendix: bool) -> bool:
        if self._outline and line.size <= LARGER * self._layout.size and not line.bold:
            return False
        if early_appendix and "." not in number:
            return False
        own_line = line.x0 - self._layout.edges(line).left < 4 * self._layout.size or line.size > self._layout.size
        return own_line and title[0].isupper() and not title.endswith((",", ";")) and len(title) > 2

    def _numbered_styles(self) -> dict[tuple[float, bool], int]:
        """The type in which numbered headings of each level are set."""
        found: Counter[tuple[float, bool, int]] = Counter()
        for line in self._lines:
            number, title, _ = split_number(line.text)
            if number and title and title[0].isupper() and line.size > LARGER * self._layout.size:
                found[line.size, line.bold, depth(number)] += 1
        return {(size, bold): level for size, bold, level in found if found[size, bold, level] >= 2}

    def _noted(self, heading: Heading) -> Heading:
        self._seen_references |= is_references(heading.title)
        self._in_checklist = is_checklist(heading.title)
        if heading.appendix and heading.number == self._next_letter:
            self._next_letter = chr(ord(self._next_letter) + 1)
        return heading


def _is_question(heading: Heading) -> bool:
    """Whether a heading within a checklist is one of its questions: numbered, or none that papers usually have."""
    return not heading.appendix and (bool(heading.number) or not is_usual(heading.title))
