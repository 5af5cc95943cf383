"""What a reading has to reach on every paper."""

from benchmarks.documents.measures import Measures

PROSE, ORDER, HEADINGS, FALSE_HEADINGS, REFERENCES, HYPHENS = 0.96, 0.97, 0.75, 2, 0.85, 5
DESCRIPTION = (
    f"prose ≥ {PROSE}, order ≥ {ORDER}, headings ≥ {HEADINGS} with at most {FALSE_HEADINGS} false, "
    f"references ≥ {REFERENCES}, at most {HYPHENS} hyphens of line breaks left"
)


def missed(measures: Measures) -> list[str]:
    """The bars that a reading misses, in words; what a reader does not claim to tell apart is not held against it."""
    headings, references = measures.headings, measures.references
    checks = {
        f"prose {measures.prose.value:.3f}": measures.prose.value >= PROSE,
        f"order {measures.order.value:.3f}": measures.order.value >= ORDER,
        f"headings {headings.value if headings else 1:.2f}": not headings or headings.value >= HEADINGS,
        f"{measures.false_headings} false headings": (measures.false_headings or 0) <= FALSE_HEADINGS,
        f"references {references.value if references else 1:.2f}": not references or references.value >= REFERENCES,
        f"{measures.hyphens} hyphens": measures.hyphens <= HYPHENS,
    }
    return [what for what, kept in checks.items() if not kept]
