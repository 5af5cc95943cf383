"""A paper as it is sent to a server: one file's bytes."""

import base64
import io
import re
import tarfile
from pathlib import Path

from papercoder.documents import MAX_BYTES
from state.errors import InputError
from state.pipeline import PipelineInput, Upload

_INCLUDES = re.compile(rb"^[^%\n]*\\(input|include|bibliography|subfile|import)\b", re.MULTILINE)


def sent(source: Path | str) -> PipelineInput:
    """What the server is given: the file's bytes, or the arXiv id or address, which the server fetches itself."""
    return PipelineInput(source=source) if isinstance(source, str) else PipelineInput(upload=packed(source))


def packed(source: Path) -> Upload:
    """The file; a folder of LaTeX goes as an archive.  Raises `InputError` for what a server could not read."""
    try:
        content, name = (_archive(source), "paper.tar.gz") if source.is_dir() else (source.read_bytes(), source.name)
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}.", "Check the path.") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{source} has {len(content):,} bytes, more than {MAX_BYTES:,}.", "Send the paper alone.")
    if source.suffix.lower() == ".tex" and _INCLUDES.search(content):
        raise InputError(
            f"{source} includes other files, and a server reads only what is sent.", "Give the folder that holds them."
        )
    return Upload(name=name, base64=base64.b64encode(content).decode())


def _archive(folder: Path) -> bytes:
    """Ordinary files only, by names inside the folder: a link could name anything on this machine."""
    made = io.BytesIO()
    size = 0
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            size += path.stat().st_size
            if size > MAX_BYTES:
                raise InputError(f"{folder} has more than {MAX_BYTES:,} bytes.", "Send the paper alone.")
            archive.add(path, path.relative_to(folder).as_posix(), recursive=False)
    return made.getvalue()
