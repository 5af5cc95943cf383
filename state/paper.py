"""A paper as the pipeline sees it: sections of blocks, each with an anchor that can be cited.

An anchor is an id the machine uses (``S3.2.p4``, ``E4``, ``T1``, ``A1``, ``F2``) and the label people read
(``§3.2``, ``Eq. 4``, ``Table 1``, ``Alg. 1``, ``Fig. 2``, ``App. B``).  Every reader in ``papercoder.documents``
produces this model and nothing downstream knows which format the paper came in.
"""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

BlockKind = Literal["paragraph", "equation", "table", "algorithm", "figure", "footnote"]
Notation = Literal["text", "latex", "linearised"]


CHECKLIST = re.compile(r"\b(?:paper|reproducibility|neurips|nips|aaai|acl|submission)\b.*\bchecklist\b", re.IGNORECASE)
CHECKLIST_NOTE = "(The conference's checklist is left out.)"


class PaperModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Location(PaperModel):
    """Where a block was found: a page of a PDF, or a line of a source file."""

    page: int | None = None
    file: str = ""
    line: int | None = None


class ImageRef(PaperModel):
    """An image that lives in the store under the SHA-256 of its bytes; whatever names it carries only this."""

    sha256: str
    media_type: Literal["image/png", "image/jpeg"]
    width: int
    height: int
    bytes: int


class Block(PaperModel):
    """One paragraph, equation, table, algorithm, figure or footnote, in reading order."""

    id: str
    label: str
    kind: BlockKind
    text: str = Field(
        description="Prose; LaTeX without delimiters; a Markdown table; algorithm lines; empty for a figure."
    )
    caption: str = ""
    number: str = Field("", description="The number printed beside an equation, or in a caption; empty if none.")
    notation: Notation = Field("text", description="`linearised`: a formula read off a PDF's glyphs, not its LaTeX.")
    images: tuple[ImageRef, ...] = Field((), description="A figure's images, in order; several where it has parts.")
    location: Location = Location()


class ShownFigure(PaperModel):
    """A figure, or a part of one, as models see it: drawn anew, small."""

    anchor: str
    label: str
    image: ImageRef


class Section(PaperModel):
    """A heading and the blocks under it, up to the next heading of any level."""

    id: str
    label: str
    number: str = ""
    title: str
    level: int = 1
    blocks: tuple[Block, ...] = ()

    @property
    def is_checklist(self) -> bool:
        """A conference's checklist: pages of questions that say nothing about the method."""
        return bool(CHECKLIST.search(self.title))


class Reference(PaperModel):
    id: str
    label: str
    text: str


class Paper(PaperModel):
    """The whole paper.  The abstract is the section with id ``abstract``; the others follow in reading order."""

    title: str
    authors: tuple[str, ...] = ()
    sections: tuple[Section, ...]
    references: tuple[Reference, ...] = ()
    format: str = Field("", description="The format it was read from: pdf, latex, html, markdown, docx, s2orc, …")
    warnings: tuple[str, ...] = ()

    def blocks(self) -> list[Block]:
        return [block for section in self.sections for block in section.blocks]

    def images(self) -> list[ImageRef]:
        return [image for block in self.blocks() for image in block.images]

    def labels(self) -> dict[str, str]:
        """Every anchor's id with the label that people see."""
        anchors = {section.id: section.label for section in self.sections}
        anchors |= {block.id: block.label for block in self.blocks()}
        return anchors | {reference.id: reference.label for reference in self.references}

    def markdown(self, *, references: bool = False) -> str:
        """The paper for a prompt: compact Markdown in which every block begins with its anchor's id."""
        parts = [f"# {self.title}"]
        if self.authors:
            parts.append(", ".join(self.authors))
        for section in self.sections:
            parts.append(_heading(section))
            parts += [CHECKLIST_NOTE] if section.is_checklist else [_block(block) for block in section.blocks]
        if references and self.references:
            parts.append("## References")
            parts.append("\n".join(f"[{r.id}] {r.label} {r.text}" for r in self.references))
        return "\n\n".join(parts) + "\n"


def _heading(section: Section) -> str:
    marks = "#" * min(section.level + 1, 6)
    title = f"{section.number} {section.title}".strip()
    return f"{marks} {title} [{section.id}]"


def _block(block: Block) -> str:
    head = f"[{block.id}]"
    if block.kind == "equation":
        number = f" ({block.number})" if block.number else ""
        if block.notation == "latex":
            return f"{head} $$ {block.text} $${number}"
        return f"{head} {block.text}{number}"
    if block.kind in ("table", "algorithm", "figure"):
        return f"{head} {block.label}: {block.caption}\n{block.text}".rstrip()
    return f"{head} {block.text}"
