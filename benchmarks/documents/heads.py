"""The lines that a PDF repeats at the top or the bottom of its pages, found without any reader of ours."""

import re
from collections import Counter
from pathlib import Path

import pypdfium2

from benchmarks.documents.words import letters

PAGES = 3
LEAST = 12


def running_heads(path: Path) -> list[str]:
    """First and last lines that at least three pages share, as letters."""
    edges: Counter[str] = Counter()
    for page in pypdfium2.PdfDocument(path):
        lines = [line for line in page.get_textpage().get_text_range().splitlines() if line.strip()]
        edges.update({letters(re.sub(r"\d+", "", line)) for line in (*lines[:2], *lines[-2:])})
    return [line for line, count in edges.items() if count >= PAGES and len(line) >= LEAST]
