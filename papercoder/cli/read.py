"""`papercoder read`: what is understood of a paper, before anything is paid for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercoder.cli import amounts, terminal
from papercoder.cli.command import Command
from papercoder.cli.home import home_option
from papercoder.cli.options import json_option
from papercoder.cli.values import Paper
from state.counts import counted

if TYPE_CHECKING:
    from rich.text import Text

    from papercoder.documents.album import Images
    from state.paper import Block, Section
    from state.paper import Paper as Read

EXAMPLES = """
papercoder read paper.pdf
papercoder read arxiv-source.tar.gz --markdown | less
papercoder read paper.pdf --figures figures/
papercoder read paper.pdf --json > paper.json
"""
KINDS = {
    "paragraph": "Text", "equation": "Eq.", "table": "Table", "algorithm": "Alg.", "figure": "Fig.",
    "footnote": "Note",
}  # fmt: skip
FLOATS = ("table", "algorithm", "figure")
INDENT = "  "


@click.command("read", cls=Command, examples=EXAMPLES)
@click.argument("paper", type=Paper(addresses=True))
@click.option(
    "--supplement", "supplements", type=Paper(addresses=True), multiple=True, metavar="PAPER",
    help="Another file of the same paper: an appendix, an addendum. May be given several times.",
)  # fmt: skip
@click.option("--markdown", is_flag=True, help="Print the text that prompts show, with the anchors that plans cite.")
@click.option(
    "--figures", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
    help="Write the figures' images into this folder, named by their anchors: F2.png.",
)  # fmt: skip
@json_option("Write the paper as JSON: sections, blocks, references, each with its anchor and place.")
@home_option
def command(
    paper: Path | str, supplements: tuple[Path | str, ...], markdown: bool, figures: Path | None, as_json: bool,
    home: Path,
) -> None:  # fmt: skip
    """Read PAPER and show what was understood: outline, anchors and pages, counts, tokens, warnings. No model is asked.

    PAPER is whatever `papercoder run` takes.
    """
    if markdown and as_json:
        raise click.UsageError("Choose one of --markdown and --json.")
    images: Images = {}
    found = understood(paper, supplements, home, images)
    if figures:
        _write(found, images, figures)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    elif markdown:
        click.echo(terminal.clean(found.markdown()), nl=False)
    else:
        _print(found)


def understood(
    paper: Path | str, supplements: "Sequence[Path | str]", home: Path, images: "Images | None" = None
) -> "Read":
    """The paper, fetched if it has to be, and its images; an InputError says why it cannot be read."""
    from papercoder.documents import DocumentError
    from papercoder.documents.sources import read_sources
    from state.errors import InputError

    try:
        return read_sources(str(paper), [str(one) for one in supplements], home / "papers", images=images)
    except DocumentError as error:
        raise InputError(str(error)) from error


def _write(paper: "Read", images: "Images", folder: Path) -> None:
    """Each image as it is kept; a figure's second one is `F2-2.png`."""
    from state.errors import OutputError
    from state.paths import confine

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for block in paper.blocks():
            for number, image in enumerate(block.images, start=1):
                suffix = "png" if image.media_type == "image/png" else "jpg"
                name = f"{block.id}.{suffix}" if number == 1 else f"{block.id}-{number}.{suffix}"
                confine(folder, name).write_bytes(images[image.sha256])
    except OSError as error:
        raise OutputError(
            f"The figures cannot be written to {folder}: {error.strerror}.", "Name another folder."
        ) from error


def _print(paper: "Read") -> None:
    for label, text in _facts(paper):
        click.echo(click.style(f"{label:<11}", bold=True) + terminal.one_line(text))
    if outline := _outline(paper):
        click.echo()
        terminal.print_table(["Anchor", "Page", "Section", *KINDS.values()], outline, left=3, flexible=2)
    floats = [block for block in paper.blocks() if block.kind in FLOATS]
    if floats:
        click.echo()
        terminal.print_table(["Anchor", "Page", "", "Caption"], [_float(block) for block in floats], left=4, flexible=3)
    for warning in paper.warnings:
        click.echo(click.style("Warning: ", fg="yellow") + terminal.one_line(warning), err=True)


def _facts(paper: "Read") -> list[tuple[str, str]]:
    from papercoder.models.tokens import count_tokens

    blocks = paper.blocks()
    figures = [block for block in blocks if block.kind == "figure"]
    pictured = [block for block in figures if block.images]
    weight = sum(image.bytes for image in {image.sha256: image for image in paper.images()}.values())
    last = max((block.location.page or 0 for block in blocks), default=0)
    linearised = sum(block.notation == "linearised" for block in blocks)
    counts = [counted(len(paper.sections), "section"), *_counts(blocks)]
    rows = [
        ("Title", paper.title),
        ("Authors", ", ".join(paper.authors)),
        ("Read from", paper.format + (f", {counted(last, 'page')} with text" if last else "")),
        ("Found", ", ".join([*counts, counted(len(paper.references), "reference")])),
        (
            "Images",
            f"of {len(pictured)} of {counted(len(figures), 'figure')}, {amounts.size(weight)}" if figures else "",
        ),
        ("Formulas", f"{linearised} read off the PDF's glyphs; LaTeX source gives them exactly" if linearised else ""),
        ("Tokens", f"{count_tokens(paper.markdown()):,} as prompts show it, without references"),
    ]
    return [(label, text) for label, text in rows if text]


def _counts(blocks: "Iterable[Block]") -> list[str]:
    counts = Counter(block.kind for block in blocks)
    return [counted(counts[kind], kind) for kind in counts]


def _outline(paper: "Read") -> "list[list[Text]]":
    from rich.text import Text

    rows = []
    for section in paper.sections:
        counts = Counter(block.kind for block in section.blocks)
        title = INDENT * (section.level - 1) + terminal.one_line(f"{section.number} {section.title}")
        shown = [str(counts[kind] or "") for kind in KINDS]  # type: ignore[index]
        style = "dim" if section.is_checklist else "bold" if section.level == 1 else ""
        rows.append([Text(section.id, "cyan"), Text(_pages(section)), Text(title, style), *map(Text, shown)])
    return rows


def _pages(section: "Section") -> str:
    """Where a section stands: `3–5`; of a source file the line where it begins."""
    pages = [block.location.page for block in section.blocks if block.location.page]
    if pages:
        return str(min(pages)) + (f"–{max(pages)}" if max(pages) > min(pages) else "")
    lines = [block.location.line for block in section.blocks if block.location.line]
    return f"line {min(lines)}" if lines else ""


def _float(block: "Block") -> "list[Text]":
    from rich.text import Text

    place = block.location
    where = str(place.page) if place.page else f"line {place.line}" if place.line else ""
    rows = f"{block.text.count(chr(10)) + 1} lines" if block.text else ""
    caption = terminal.one_line(f"{block.label}: {block.caption}")
    return [Text(block.id, "cyan"), Text(where), Text(rows), Text(caption)]
