"""`python -m benchmarks.documents.forms FOLDER`: one paper in every form, held against its LaTeX as we read it.

FOLDER holds a folder a paper, with its LaTeX; a PDF and S2ORC JSON beside it are measured as they are.  The other forms
are made from the LaTeX by pandoc, so they hold only what pandoc understood of it.
"""

import argparse
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.documents.measures import measure
from benchmarks.documents.pairs import is_latex
from benchmarks.documents.reading import of_paper
from benchmarks.tables import table
from papercoder.documents import DocumentError, read_paper
from papercoder.documents.latex_flatten import flatten, unmarked
from papercoder.documents.latex_source import open_source
from papercoder.documents.pandoc import find_pandoc
from state.paper import BlockKind, Paper

MADE = {
    "docx": ["docx"],
    "odt": ["odt"],
    "rtf": ["rtf"],
    "epub": ["epub", "--mathml"],
    "html": ["html", "--mathjax"],
    "md": ["markdown"],
}
GIVEN = (".pdf", ".json")
COUNTED: tuple[BlockKind, ...] = ("equation", "table", "algorithm", "figure", "footnote")
HEAD = [
    "paper",
    "form",
    "prose",
    "order",
    "headings",
    "false",
    "cells",
    *(f"{kind}s" for kind in COUNTED),
    "references",
]
SECONDS = 180
NONE = "–"


def main() -> int:
    """Prints progress on standard error and the table on standard output."""
    arguments = _parser().parse_args()
    rows: list[list[str]] = []
    for folder in sorted(path for path in arguments.folder.iterdir() if path.is_dir()):
        sources = [path for path in sorted(folder.iterdir()) if is_latex(path)]
        if sources and (not arguments.only or folder.name in arguments.only):
            print(f"{folder.name} …", file=sys.stderr, flush=True)
            rows += forms_of(folder, sources[0])
    print(table(HEAD, rows))
    return 0 if rows else 1


def forms_of(folder: Path, latex: Path) -> list[list[str]]:
    """A row for the LaTeX and one for each other form."""
    truth = read_paper(latex)
    rows = [_row(folder.name, "LaTeX", truth, truth)]
    with tempfile.TemporaryDirectory(prefix="papercoder-") as place:
        for file in (*_given(folder), *_made(latex, Path(place))):
            try:
                rows.append(_row("", _form(file), read_paper(file), truth))
            except DocumentError as error:
                print(error, file=sys.stderr)
                rows.append(["", _form(file), *[NONE] * (len(HEAD) - 2)])
    return rows


def _form(file: Path) -> str:
    return f"{file.stem} (JSON)" if file.suffix == ".json" else "PDF" if file.suffix == ".pdf" else file.suffix


def _given(folder: Path) -> list[Path]:
    return [path for suffix in GIVEN for path in sorted(folder.glob(f"*{suffix}"))]


def _made(latex: Path, place: Path) -> Iterator[Path]:
    """The paper in each form that pandoc can make of it; what it cannot is said."""
    if tarfile.is_tarfile(latex):
        with tarfile.open(latex) as archive:
            archive.extractall(place, filter="data")  # for the figures
    flat = place / "flat.tex"
    flat.write_text(unmarked(flatten(open_source(latex)).text), encoding="utf-8")
    for suffix, (writer, *options) in MADE.items():
        target = place / f"paper.{suffix}"
        limits = ["+RTS", "-M2g", "-RTS"]
        command = [find_pandoc(), *limits, "--from=latex", f"--to={writer}", *options, "--standalone", "--quiet"]
        done = subprocess.run(
            [*command, "-o", str(target), str(flat)], cwd=place, capture_output=True, text=True, timeout=SECONDS
        )
        if done.returncode:
            print(f"pandoc makes no {suffix}: {done.stderr.strip()[-200:]}", file=sys.stderr)
        else:
            yield target


def _row(paper: str, form: str, read: Paper, truth: Paper) -> list[str]:
    made = measure(of_paper(read), of_paper(truth), [])
    kinds = Counter(block.kind for block in read.blocks())
    headings = f"{made.headings.found}/{made.headings.of}" if made.headings else NONE
    return [
        paper,
        form,
        f"{made.prose.value:.3f}",
        f"{made.order.value:.3f}",
        headings,
        str(made.false_headings),
        f"{made.cells.found}/{made.cells.of}" if made.cells.of else NONE,
        *(str(kinds[kind]) for kind in COUNTED),
        str(len(read.references)),
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.documents.forms", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", help="names of papers; default: all")
    return parser


if __name__ == "__main__":
    sys.exit(main())
