"""A paper that comes as text or as an upload rather than as a file."""

import base64
import binascii
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory

from papercoder.documents import MAX_BYTES, DocumentError, doubted, read_paper
from papercoder.documents.album import Images
from state.paper import Paper

LONGEST_SUFFIX = 16


def read_text(text: str, images: Images | None = None) -> Paper:
    """Markdown, or LaTeX where it begins a document."""
    latex = r"\documentclass" in text or r"\begin{document}" in text
    return read_bytes(text.encode("utf-8", "replace"), "paper.tex" if latex else "paper.md", images)


def read_upload(name: str, encoded: str, images: Images | None = None) -> Paper:
    """A file's bytes in base64, bare or as a `data:` URL."""
    if len(encoded) > MAX_BYTES * 4 // 3 + 1000:
        raise DocumentError(f"{name}: more than the {MAX_BYTES:,} bytes allowed. Upload the paper alone.")
    data = encoded.partition(",")[2] if encoded.startswith("data:") else encoded
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise DocumentError(
            f"{name}: the upload is not base64 ({error}). Encode the file's bytes and nothing else."
        ) from error
    return read_bytes(content, name, images)


def read_bytes(content: bytes, name: str, images: Images | None = None) -> Paper:
    """What its name's endings say; the name is never part of a path."""
    with TemporaryDirectory(prefix="papercoder-") as folder:
        file = Path(folder) / f"paper{_suffixes(name)}"
        file.write_bytes(content)
        try:
            return doubted(read_paper(file, images))
        except DocumentError as error:
            raise DocumentError(str(error).replace(str(file), _shown(name))) from error


def _suffixes(name: str) -> str:
    """`.pdf`, `.tar.gz`: letters and digits of the last two endings."""
    endings = PurePosixPath(_shown(name)).suffixes[-2:]
    if len(endings) == 2 and endings[-1].lower() != ".gz":
        endings = endings[-1:]
    known = "".join(endings)
    return known if known.replace(".", "").isalnum() and known.isascii() and len(known) <= LONGEST_SUFFIX else ""


def _shown(name: str) -> str:
    return PureWindowsPath(name).name or "the upload"
