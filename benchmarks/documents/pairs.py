"""Papers of a folder that are there both as a PDF and as LaTeX."""

from dataclasses import dataclass
from pathlib import Path

ARCHIVES = (".tar.gz", ".tgz", ".gz")


@dataclass(frozen=True)
class Pair:
    """One paper in both forms."""

    name: str
    pdf: Path
    latex: Path


def pairs(folder: Path) -> list[Pair]:
    """The pairs of a folder and of its sub-folders, by name.

    A PDF and a LaTeX source (a .tex file, an arXiv archive or a folder) belong together if they have the same stem,
    or if they are the only ones of their kind in their folder.
    """
    folders = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
    return [pair for place in folders for pair in _in(place)]


def _in(folder: Path) -> list[Pair]:
    pdfs = sorted(folder.glob("*.pdf"))
    sources = {_stem(path): path for path in sorted(folder.iterdir()) if is_latex(path)}
    if len(pdfs) == 1 and len(sources) == 1:
        return [Pair(folder.name, pdfs[0], *sources.values())]
    return [Pair(pdf.stem, pdf, sources[pdf.stem]) for pdf in pdfs if pdf.stem in sources]


def is_latex(path: Path) -> bool:
    """Whether this is a LaTeX source: a file, an archive or a folder."""
    if path.is_dir():
        return next(path.glob("*.tex"), None) is not None
    return path.suffix == ".tex" or path.name.endswith(ARCHIVES)


def _stem(path: Path) -> str:
    for suffix in ARCHIVES:
        if path.name.endswith(suffix):
            return path.name.removesuffix(suffix)
    return path.name if path.is_dir() else path.stem
