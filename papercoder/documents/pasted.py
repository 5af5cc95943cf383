"""A paper given as text rather than as a file."""

from pathlib import Path
from tempfile import TemporaryDirectory

from papercoder.documents import read_paper
from state.paper import Paper


def read_text(text: str) -> Paper:
    """Markdown, or LaTeX where it begins a document."""
    latex = r"\documentclass" in text or r"\begin{document}" in text
    with TemporaryDirectory(prefix="papercoder-") as folder:
        file = Path(folder) / ("paper.tex" if latex else "paper.md")
        file.write_text(text, encoding="utf-8")
        return read_paper(file)
