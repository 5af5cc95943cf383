"""A paper from a PDF, read in a process of its own.

The library that decodes PDFs is large and written in C++: a file that makes it crash, or fill the memory, ends that
process and nothing else.  The process has none of our secrets.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from papercoder.documents.errors import DocumentError
from papercoder.documents.pdf_ocr import is_installed
from state.paper import Paper

if TYPE_CHECKING:
    from papercoder.documents.album import Album

MEMORY = 3 * 1024**3
SECONDS = 600
SECONDS_WITH_OCR = 3_600
SPENT = {-signal.SIGXCPU, -signal.SIGKILL}
REFUSED = 3
REGIONS = "--regions"
"""Asks the process for the places of figures, too."""


def read_pdf(path: Path, album: "Album | None" = None) -> Paper:
    """Read a PDF within bounds of memory and time; one without any text through OCR, where that is installed."""
    command = [sys.executable, "-m", "papercoder.documents.pdf", str(path), *([REGIONS] if album else [])]
    try:
        ended = subprocess.run(
            command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=_seconds()
        )
    except subprocess.TimeoutExpired as error:
        raise _too_slow(path) from error
    message = ended.stderr.decode("utf-8", "replace")
    if ended.returncode == 0:
        regions, _, paper = ended.stdout.partition(b"\n")
        if album:
            _place(album, path, regions)
        return Paper.model_validate_json(paper)
    if ended.returncode == REFUSED:
        raise DocumentError(message.strip())
    if ended.returncode in SPENT:
        raise _too_slow(path)
    if ended.returncode < 0 or "MemoryError" in message:
        raise DocumentError(
            f"{path}: the PDF needs more than {MEMORY / 1e9:.1f} GB of memory, or makes the PDF library crash. "
            "Print it to a new PDF, or give its LaTeX source."
        )
    raise RuntimeError(f"reading {path} failed:\n{message}")


def _place(album: "Album", path: Path, regions: bytes) -> None:
    from papercoder.documents.album import Region

    album.document = path
    for anchor, places in json.loads(regions).items():
        album.add(anchor, [Region(page, tuple(box)) for page, box in places])


def _seconds() -> int:
    return SECONDS_WITH_OCR if is_installed() else SECONDS


def _too_slow(path: Path) -> DocumentError:
    return DocumentError(
        f"{path}: reading the PDF takes more than {_seconds()} seconds. Give the paper alone, or its LaTeX source."
    )


def environment() -> dict[str, str]:
    """Where modules are found, and nothing that anybody would want to steal."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "2"}


def limit(memory: int, seconds: int) -> None:
    """Bounds of this process, for good: bytes of address space, and seconds of CPU."""
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def main(path: Path, *options: str) -> int:
    """The other process: on standard output a line with the places of figures, and the paper, both as JSON.

    On standard error why it cannot be read.
    """
    limit(MEMORY, 2 * _seconds())
    from papercoder.documents.album import Album, Region
    from papercoder.documents.pdf_reader import read

    album = Album() if REGIONS in options else None
    try:
        paper = read(path, album)
    except DocumentError as error:
        sys.stderr.write(str(error))
        return REFUSED
    wanted = album.wanted if album else {}
    places = {
        anchor: [(one.page, one.box) for one in sources if isinstance(one, Region)]
        for anchor, sources in wanted.items()
    }
    sys.stdout.buffer.write(json.dumps(places).encode() + b"\n" + paper.model_dump_json().encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
