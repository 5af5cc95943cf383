"""The readers that are compared, each run in a process of its own: time and memory are its alone.

`python -m benchmarks.documents.readers NAME PDF` writes the reading as JSON.
"""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.documents.reading import Reading, of_paper, reading_of

CONTROL = "control"
SECONDS = 1800


def ours(path: Path) -> Reading:
    """The project's own PDF path."""
    from papercoder.documents import read_paper

    return of_paper(read_paper(path))


def plain(path: Path) -> Reading:
    """The text as pypdfium2 gives it."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    return _of_lines("\n".join(page.get_textpage().get_text_range() for page in document))


def unstructured(path: Path) -> Reading:
    """`unstructured`, strategy `fast`, with its traps closed: no telemetry, no model from the internet."""
    os.environ |= {"DO_NOT_TRACK": "true", "SCARF_NO_ANALYTICS": "true"}
    import spacy
    from unstructured.nlp import tokenize
    from unstructured.partition.pdf import partition_pdf

    language = spacy.blank("en")
    language.add_pipe("sentencizer")
    for name in ("_get_nlp", "_load_spacy_model", "load_spacy_model", "get_nlp"):
        if hasattr(tokenize, name):
            setattr(tokenize, name, lambda *_, **__: language)
    elements = partition_pdf(str(path), strategy="fast", languages=["eng"])
    if not elements:
        raise RuntimeError("unstructured read nothing")
    return _of_elements([(element.category, str(element)) for element in elements])


def control(path: Path) -> Reading:
    """What must fail: `pdftotext -layout`, which reads across columns; without it, the text's lines shuffled."""
    if shutil.which("pdftotext"):
        command = ["pdftotext", "-layout", str(path), "-"]
        return _of_lines(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    lines = plain(path).prose
    random.Random(0).shuffle(lines)
    return _of_lines("\n".join(lines))


READERS: dict[str, Callable[[Path], Reading]] = {
    "papercoder": ours,
    "unstructured": unstructured,
    "pypdfium2": plain,
    CONTROL: control,
}


def _of_lines(text: str) -> Reading:
    """Text without structure: each line is a paragraph, perhaps a row, perhaps a reference."""
    lines = [line for line in text.splitlines() if line.strip()]
    return Reading(prose=lines, rows=[line.split() for line in lines], references=lines)


def _of_elements(elements: list[tuple[str, str]]) -> Reading:
    titles = [text for category, text in elements if category == "Title"]
    texts = [text for category, text in elements if category not in ("Title", "Header", "Footer")]
    return Reading(
        prose=texts,
        headings=[("", title) for title in titles],
        rows=[text.split() for text in texts],
        captions=[text for category, text in elements if category == "FigureCaption"] or None,
        references=texts,
    )


def run(name: str, path: Path) -> Reading:
    """Read a PDF in a process of its own; raise if the reader fails."""
    command = [sys.executable, "-m", "benchmarks.documents.readers", name, str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    if ended.returncode:
        cause = ended.stderr.strip().splitlines()[-1:] or ["no word why"]
        raise RuntimeError(f"{name} failed on {path.name}: {cause[0]}")
    return reading_of(json.loads(ended.stdout.splitlines()[-1]))


def _peak() -> int:
    """Bytes, of this process or of one that it started, whichever had more."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) * 1024


def main(name: str, path: Path) -> None:
    """Writes one line of JSON."""
    import pypdfium2

    started = time.perf_counter()
    reading = READERS[name](path)
    reading.seconds = time.perf_counter() - started
    reading.peak = _peak()
    reading.pages = len(pypdfium2.PdfDocument(path))
    print(json.dumps(reading.as_dict()))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
