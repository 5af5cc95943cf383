"""What a reader made of a paper, in the one shape in which all are compared."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from state.paper import Paper


@dataclass
class Reading:
    """Lists are in reading order; one is None where the reader does not tell such things apart."""

    prose: list[str]
    headings: list[tuple[str, str]] | None = None
    equations: list[tuple[str, str]] | None = None
    rows: list[list[str]] = field(default_factory=list)
    captions: list[str] | None = None
    references: list[str] = field(default_factory=list)
    seconds: float = 0.0
    peak: int = 0
    pages: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def reading_of(values: dict[str, Any]) -> Reading:
    """What `as_dict` gave, after its way through JSON."""
    return Reading(**{entry.name: values[entry.name] for entry in fields(Reading)})


def of_paper(paper: Paper) -> Reading:
    """A paper of ours.  Headings and equations come with their printed numbers."""
    blocks = paper.blocks()
    tables = [block.text for block in blocks if block.kind == "table"]
    return Reading(
        prose=[block.text for block in blocks if block.kind == "paragraph"],
        headings=[(section.number, section.title) for section in paper.sections if section.id != "abstract"],
        equations=[(block.number, block.text) for block in blocks if block.kind == "equation"],
        rows=[row for table in tables for row in markdown_rows(table)],
        captions=[block.caption for block in blocks if block.caption],
        references=[reference.text for reference in paper.references],
    )


def markdown_rows(table: str) -> list[list[str]]:
    """The cells of a Markdown table, without the line below its head."""
    lines = [line for line in table.splitlines() if line.startswith("|") and set(line) - set("|-: ")]
    return [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in lines]
