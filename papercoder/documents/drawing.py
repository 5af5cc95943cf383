"""Pictures drawn anew by the library that reads PDFs, in a process of its own.

What comes out is pixels alone: no metadata, no script, no second file behind the first, no more than was asked for.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from papercoder.documents.pdf import environment

Box = tuple[float, float, float, float]

SECONDS = 10
"""For one picture."""
MAX_SECONDS = 180.0
"""For all pictures of a paper together."""
MAX_STARTS = 4
"""A process that dies of a picture is started again for the others, so often."""


@dataclass(frozen=True)
class Drawing:
    """What to draw: an image or a page of a PDF, given as bytes or as a file; `box` is a region in points.

    At most `side` pixels on the longer side, `scale` pixels a point (of an image: a pixel), and `bytes` bytes of PNG.
    """

    source: bytes | Path
    side: int
    bytes: int
    scale: float = 1.0
    page: int = 0
    box: Box | None = None


def draw(drawings: Sequence[Drawing]) -> list[bytes | str]:
    """A PNG for each, or why there is none.  Never raises for what a picture holds."""
    if not drawings:
        return []
    with TemporaryDirectory(prefix="papercoder-") as name:
        folder = Path(name)
        jobs = [_job(number, drawing, folder) for number, drawing in enumerate(drawings)]
        _run(jobs, folder)
        return [_drawn(folder, number) for number in range(len(drawings))]


def _job(number: int, drawing: Drawing, folder: Path) -> dict[str, object]:
    file = drawing.source
    if isinstance(file, bytes):
        file = folder / f"{number}.source"
        file.write_bytes(drawing.source)  # type: ignore[arg-type]
    return {
        "number": number, "file": str(file), "side": drawing.side, "bytes": drawing.bytes, "scale": drawing.scale,
        "page": drawing.page, "box": drawing.box, "seconds": SECONDS,
    }  # fmt: skip


def _run(jobs: list[dict[str, object]], folder: Path) -> None:
    """Until every job has its outcome, or time or patience is spent; the job that a process dies of is left out."""
    command = [sys.executable, "-m", "papercoder.documents.drawing_child", str(folder)]
    deadline = time.monotonic() + MAX_SECONDS
    for _ in range(MAX_STARTS):
        left = [job for job in jobs if not _outcome(folder, job["number"])]
        if not left or time.monotonic() > deadline:
            return
        try:
            ended = subprocess.run(
                command, env=environment(), input=json.dumps(left).encode(), stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, timeout=max(deadline - time.monotonic(), 0.1),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return
        if ended.returncode > 0 and b"MemoryError" not in ended.stderr:
            raise RuntimeError(f"drawing failed:\n{ended.stderr.decode('utf-8', 'replace')}")
        culprit = next((job for job in left if not _outcome(folder, job["number"])), None)
        if culprit:
            why = "drawing it takes too much time or memory, or makes the PDF library crash"
            (folder / f"{culprit['number']}.txt").write_text(why)


def _outcome(folder: Path, number: object) -> bool:
    return any((folder / f"{number}{suffix}").exists() for suffix in (".png", ".txt"))


def _drawn(folder: Path, number: int) -> bytes | str:
    made, why = folder / f"{number}.png", folder / f"{number}.txt"
    if made.exists():
        return made.read_bytes()
    return why.read_text() if why.exists() else "there was no time left to draw it"
