"""pandoc in a process of its own: no files but its input, no network, bounded memory, time and output."""

import re
import shutil
import subprocess
import tempfile
import threading
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from papercoder.documents.errors import DocumentError

MAX_HEAP = "1g"
MAX_SECONDS = 120
MAX_OUTPUT_BYTES = 100_000_000
OLDEST = (3, 0)
"""Older ones ran to many times the memory that `-M` allowed, and know no `--sandbox` for all readers."""
FILE_NAME = re.compile(rb"<title>document</title>")
"""What pandoc calls a page whose document has no title of its own."""
INSTALL = "Install it: pip install pypandoc_binary (or pandoc 3 or newer)."


def to_html(data: bytes, format_name: str, where: str) -> bytes:
    """A document as a page with its formulas as LaTeX.  DocumentError if pandoc is missing, or cannot read it."""
    with tempfile.TemporaryDirectory(prefix="papercoder-") as folder:
        source = Path(folder) / "document"
        source.write_bytes(data)
        options = ["--from", format_name, "--to", "html", "--mathjax", "--standalone", "--wrap=none", "--quiet"]
        limits = ["--sandbox", "+RTS", f"-M{MAX_HEAP}", "-RTS"]
        page = _run([find_pandoc(), *limits, *options, str(source)], folder, where)
        return FILE_NAME.sub(b"", page, count=1)


@lru_cache(maxsize=1)
def find_pandoc() -> str:
    """The packaged pandoc, else the system's if it is new enough."""
    package = find_spec("pypandoc")
    bundled = Path(package.origin).parent / "files" / "pandoc" if package and package.origin else None
    if bundled and bundled.is_file():
        return str(bundled)
    path = shutil.which("pandoc")
    if path is None:
        raise DocumentError(f"Word and OpenDocument files are read with pandoc, which is not installed. {INSTALL}")
    shown = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    match = re.match(r"pandoc\S* (\d+)\.(\d+)", shown)
    if not match or (int(match.group(1)), int(match.group(2))) < OLDEST:
        raise DocumentError(f"{path} is older than pandoc 3, which can run out of all bounds. {INSTALL}")
    return path


def _run(command: list[str], folder: str, where: str) -> bytes:
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, cwd=folder,
            env={"HOME": folder, "LANG": "C.UTF-8", "PATH": ""},
        ) as process,
    ):  # fmt: skip
        assert process.stdout
        late = threading.Timer(MAX_SECONDS, process.kill)
        late.start()
        output = process.stdout.read(MAX_OUTPUT_BYTES + 1)
        if len(output) > MAX_OUTPUT_BYTES:
            process.kill()
        code = process.wait()
        late.cancel()
        errors.seek(0)
        said = " ".join(errors.read(2_000).decode("utf-8", "replace").split())
    if len(output) > MAX_OUTPUT_BYTES:
        raise DocumentError(f"{where}: becomes more than {MAX_OUTPUT_BYTES:,} bytes of text. Give the paper alone.")
    if code:
        cause = said or f"pandoc was stopped after {MAX_SECONDS} s or {MAX_HEAP} of memory"
        raise DocumentError(f"{where}: pandoc cannot read it ({cause[:300]}). Print it to PDF and give that.")
    return output
