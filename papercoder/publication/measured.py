"""`RESULTS.md`: what a full run has measured beside what the paper reports, to be read without papercoder."""

import os
import secrets
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from papercoder.publication.rendering import render
from papercoder.results import Comparison
from state.errors import OutputError

NAME = "RESULTS.md"


def write_results(repository: Path, rows: Sequence[Comparison]) -> Path:
    """The file is replaced as a whole: a program that has just run there may have made a link of it."""
    target = repository / NAME
    aside = repository / f".{NAME}.{secrets.token_hex(8)}"
    try:
        opened = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(results_text(rows))
        aside.replace(target)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise OutputError(f"{target} cannot be written: {error.strerror}.", "Make room for it.") from error
    return target


def results_text(rows: Sequence[Comparison]) -> str:
    counts = Counter(row.verdict for row in rows)
    run = next((row.provenance for row in rows if row.provenance), None)
    judged = sum(row.expected.tolerance is not None for row in rows)
    same = sum(row.verdict == "no tolerance" and row.is_as_printed for row in rows)
    return render("RESULTS.md", rows=rows, counts=counts, judged=judged, same=same, run=run)
