"""A synthetic paper in LaTeX, about as long as the ones people reproduce, for runs without a paper at hand."""

from benchmarks.simulator.texts import prose

_SECTIONS = ("Introduction", "Related Work", "Method", "Architecture", "Training", "Data", "Experiments", "Results")
_PREAMBLE = (
    r"\documentclass{article}\title{A Synthetic Paper on Sequence Models}\author{Nobody}\begin{document}\maketitle"
)
_EQUATION = (
    r"\begin{equation} r_{%d} = \min(s^{-1/2}, s \cdot w^{-3/2}) + \lambda_{%d} \lVert \theta \rVert^2 \end{equation}"
)


def paper_text(characters: int = 34_000) -> str:
    """The whole document; the same for every run."""
    share = characters // (len(_SECTIONS) + 1)
    abstract = _paragraphs("abstract", share // 4)
    sections = [_section(number, title, share) for number, title in enumerate(_SECTIONS, start=1)]
    return "\n\n".join([_PREAMBLE, rf"\begin{{abstract}}{abstract}\end{{abstract}}", *sections, r"\end{document}", ""])


def _section(number: int, title: str, characters: int) -> str:
    return f"\\section{{{title}}}\n\n{_paragraphs(title, characters)}\n\n{_EQUATION % (number, number)}"


def _paragraphs(seed: str, characters: int) -> str:
    """Prose whose headings and bullets have become paragraphs of plain sentences, safe in LaTeX."""
    groups = prose("paper" + seed, characters).strip().split("\n\n")
    paragraphs = [" ".join(line.removeprefix("- ") for line in group.splitlines()[1:]) for group in groups]
    return "\n\n".join(paragraphs).replace("_", r"\_")
