"""The lines of a PDF in order, put together to sections, paragraphs, formulas, floats and references."""

from collections.abc import Callable

from papercoder.documents.builder import PaperBuilder
from papercoder.documents.headings import is_references
from papercoder.documents.names import INSTITUTION
from papercoder.documents.pdf_floats import Float, Floats, caption_text
from papercoder.documents.pdf_headings import Heading, Headings
from papercoder.documents.pdf_layout import Layout
from papercoder.documents.pdf_lines import Line
from papercoder.documents.pdf_prose import (
    FOOTNOTE,
    breaks_paragraph,
    continues_footnote,
    equation_number,
    is_display,
    is_footnote,
    is_fragment,
    is_number_below,
    overlaps,
)
from papercoder.documents.pdf_references import split_references, without_number
from papercoder.documents.pdf_text import Joiner
from state.paper import Location

PIECES_LOOKED_BACK = 4


class Body:
    """Goes through the lines once."""

    def __init__(
        self, lines: list[Line], layout: Layout, headings: Headings, builder: PaperBuilder,
        show: Callable[[str, Float, Floats], None] = lambda anchor, figure, floats: None,
    ) -> None:  # fmt: skip
        self._show = show
        self._lines = lines
        self._layout = layout
        self._headings = headings
        self._builder = builder
        self._joiner = Joiner(lines)
        self._floats = Floats(lines, layout)
        self._paragraph: list[Line] = []
        self._display: list[Line] = []
        self._waiting: list[Float] = []
        self._notes: list[list[Line]] = []
        self._references: list[Line] | None = None

    def read(self, start: int) -> None:
        """Add everything from a line on to the paper."""
        index = start
        while index < len(self._lines):
            index = self._step(index)
        self._close()
        self._close_references()

    def _step(self, index: int) -> int:
        found = self._floats.at.get(index)
        if found:
            self._waiting.append(found)
        if index in self._floats.claimed:
            return index + 1
        heading = self._headings.at(index)
        if heading:
            self._open(heading)
            return index + heading.lines
        line = self._lines[index]
        if self._references is not None:
            self._references.append(line)
            return index + 1
        if is_footnote(line, self._layout):
            return self._footnote(index)
        if self._is_beside(line):
            self._paragraph.append(line)
            return index + 1
        end = self._display_end(index)
        if end > index:
            if self._paragraph:
                self._close()
            self._display += self._lines[index:end]
            return end
        self._prose(line)
        return index + 1

    def _open(self, heading: Heading) -> None:
        self._close()
        self._close_references()
        if is_references(heading.title):
            self._references = []
        elif heading.title.lower().strip(" .:") == "abstract":
            self._builder.abstract()
        else:
            number, level = heading.number, heading.level
            self._builder.section(heading.title, number=number, level=level, appendix=heading.appendix)

    def _prose(self, line: Line) -> None:
        if self._display:
            self._close()
        if self._paragraph:
            before = self._last_full_line()
            if breaks_paragraph(self._paragraph[0], before, line, self._layout):
                self._close()
        self._paragraph.append(line)

    def _last_full_line(self) -> Line:
        """The lowest of the last pieces: the pieces of a fraction stand above it."""
        recent = self._paragraph[-PIECES_LOOKED_BACK:]
        same = [line for line in recent if overlaps(recent[-1], line, self._layout)]
        return max(same, key=lambda line: (line.width, line.x1))

    def _is_beside(self, line: Line) -> bool:
        recent = self._paragraph[-PIECES_LOOKED_BACK:]
        return any(overlaps(before, line, self._layout) and before.x0 < line.x1 for before in recent) and (
            self._layout.column(recent[-1]) == self._layout.column(line)
        )

    def _close(self) -> None:
        """End the open paragraph or formulas, then place the floats and footnotes that came in between."""
        if self._paragraph:
            location = Location(page=self._paragraph[0].page)
            self._builder.paragraph(self._joiner.join(self._paragraph), location)
        if self._display:
            self._equations(self._display)
        for found in self._waiting:
            self._float(found)
        for note in self._notes:
            self._note(note)
        self._paragraph, self._display, self._waiting, self._notes = [], [], [], []

    def _float(self, found: Float) -> None:
        caption = caption_text(self._joiner.join(found.caption))
        text = found.text(self._floats.left(found))
        location = Location(page=found.page)
        anchor = self._builder.float(found.kind, text, caption, number=found.number, location=location)
        if found.kind == "figure":
            self._show(anchor, found, self._floats)

    def _footnote(self, index: int) -> int:
        end = index + 1
        while end < len(self._lines) and continues_footnote(self._lines[end - 1], self._lines[end], self._layout):
            end += 1
        self._notes.append(self._lines[index:end])
        return end

    def _note(self, lines: list[Line]) -> None:
        text = self._joiner.join(lines)
        match = FOOTNOTE.match(text)
        affiliation = lines[0].page == 1 and INSTITUTION.search(text)
        number = match.group(1) or "" if match and not affiliation else ""
        words = text[match.end() :] if match and number else text
        self._builder.footnote(words, number=number, location=Location(page=lines[0].page))

    def _display_end(self, index: int) -> int:
        """Where the formula beginning at a line ends; the line itself if none does."""
        end = index
        seen = False
        while end < len(self._lines) and end not in self._floats.claimed:
            line = self._lines[end]
            if end > index and not self._belongs(self._lines[max(index, end - PIECES_LOOKED_BACK) : end], line):
                break
            display = self._is_display(end)
            if not display and not is_fragment(line, self._layout):
                break
            seen = seen or display
            end += 1
        return end if seen else index

    def _is_display(self, index: int) -> bool:
        """Whether a line is a formula, or the first piece of one whose number comes in a later piece."""
        line = self._lines[index]
        later = self._lines[index + 1 : index + 1 + PIECES_LOOKED_BACK]
        numbered = (overlaps(line, piece, self._layout) and equation_number(piece, self._layout) for piece in later)
        number_below = bool(later) and is_number_below(line, later[0], self._layout)
        return is_display(line, self._layout) or (line.math_share > 0.2 and (any(numbered) or number_below))

    def _belongs(self, recent: list[Line], line: Line) -> bool:
        before = recent[-1]
        near = before.page == line.page and abs(before.y - line.y) < 2.6 * self._layout.size
        return near and self._layout.column(before) == self._layout.column(line)

    def _equations(self, lines: list[Line]) -> None:
        """One formula for each number; pieces without one belong to the formula they stand with."""
        pieces: list[Line] = []
        number = ""
        for line in lines:
            found = equation_number(line, self._layout)
            apart = bool(pieces) and bool(number) and not any(overlaps(p, line, self._layout) for p in pieces[-4:])
            if apart:
                self._equation(pieces, number)
                pieces, number = [], ""
            pieces.append(line)
            number = number or found
        self._equation(pieces, number)

    def _equation(self, lines: list[Line], number: str) -> None:
        parts = []
        for line in lines:
            cells = [cell.text for cell in line.cells]
            cells[-1] = cells[-1].removesuffix(f"({number})").rstrip()
            parts += cells
        location = Location(page=lines[0].page)
        self._builder.equation(" ".join(filter(None, parts)), "linearised", number=number, location=location)

    def _close_references(self) -> None:
        for number, lines in split_references(self._references or [], self._layout):
            text = self._joiner.join(lines)
            self._builder.reference(without_number(text) if number else text, number=number)
        self._references = None
