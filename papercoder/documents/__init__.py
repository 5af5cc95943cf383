"""Paper in, `Paper` out: one reader a format, chosen by content and suffix."""

from collections.abc import Callable
from pathlib import Path

from papercoder.documents.errors import DocumentError
from state.paper import Paper

__all__ = ["DocumentError", "read_paper"]

Reader = Callable[[Path], Paper]

SUPPORTED = "a PDF, a .tex file, a folder or .tar.gz of arXiv source, a .md file or an S2ORC .json file"
MAX_BYTES = 200_000_000
SNIFFED_BYTES = 1024


def read_paper(path: Path) -> Paper:
    """Read a paper of any supported format; raise `DocumentError` if it cannot be read."""
    try:
        return _reader(path, _head(path))(path)
    except OSError as error:
        cause = error.strerror or str(error)
        raise DocumentError(f"{path}: cannot be opened ({cause}). Check the path and its permissions.") from error


def _head(path: Path) -> bytes:
    if path.is_dir():
        return b""
    if not path.exists():
        raise DocumentError(f"{path}: there is no such file. Check the path.")
    if not path.is_file():
        raise DocumentError(f"{path}: not an ordinary file. Supported: {SUPPORTED}.")
    size = path.stat().st_size
    if size == 0:
        raise DocumentError(f"{path}: the file is empty. Download or copy the paper again.")
    if size > MAX_BYTES:
        raise DocumentError(f"{path}: {size:,} bytes, more than the {MAX_BYTES:,} allowed. Give the paper alone.")
    with path.open("rb") as file:
        return file.read(SNIFFED_BYTES)


def _reader(path: Path, head: bytes) -> Reader:
    suffix = path.suffix.lower()
    if path.is_dir() or suffix == ".tex" or head.startswith(b"\x1f\x8b"):
        from papercoder.documents.latex import read_latex

        return read_latex
    if b"%PDF-" in head:
        from papercoder.documents.pdf import read_pdf

        return read_pdf
    if suffix in (".md", ".markdown"):
        from papercoder.documents.markdown import read_markdown

        return read_markdown
    if suffix == ".json":
        from papercoder.documents.s2orc import read_s2orc

        return read_s2orc
    raise _unsupported(path, suffix)


def _unsupported(path: Path, suffix: str) -> DocumentError:
    if suffix == ".pdf":
        return DocumentError(f"{path}: named .pdf but not a PDF (perhaps a saved web page). Download the PDF itself.")
    if suffix in (".gz", ".tgz"):
        return DocumentError(f"{path}: named as an archive but not gzip data. Download the archive again.")
    kind = f"{suffix} files are" if suffix else "a file without suffix is"
    return DocumentError(f"{path}: {kind} not supported. Give {SUPPORTED}.")
