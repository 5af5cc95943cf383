"""The measures as Markdown tables."""

from benchmarks.documents.measures import Measures, Share
from benchmarks.tables import table

HEAD = [
    "paper", "reader", "prose", "order", "headings", "false", "numbers", "equations", "symbols", "rows", "cells",
    "captions", "references", "hyphens", "heads", "s/page", "peak",
]  # fmt: skip
NONE = "–"


def report(results: dict[str, dict[str, Measures]]) -> str:
    """One row a paper and reader."""
    rows = []
    for paper, made in results.items():
        for number, (reader, measures) in enumerate(made.items()):
            rows.append([paper if not number else "", reader, *_row(measures)])
    return table(HEAD, rows)


def _row(made: Measures) -> list[str]:
    return [
        f"{made.prose.value:.3f}",
        f"{made.order.value:.3f}",
        _share(made.headings),
        NONE if made.false_headings is None else str(made.false_headings),
        _share(made.heading_numbers),
        _share(made.equations),
        NONE if made.symbols is None or not made.symbols.of else f"{made.symbols.value:.2f}",
        _share(made.rows),
        _share(made.cells),
        NONE if made.captions is None or not made.captions.of else f"{made.captions.value:.3f}",
        _share(made.references),
        str(made.hyphens),
        str(made.heads),
        f"{made.seconds_a_page:.2f}",
        f"{made.peak / 1e6:.0f} MB",
    ]


def _share(share: Share | None) -> str:
    return f"{share.found}/{share.of}" if share and share.of else NONE
