"""Anchors that an artifact names, held against the paper."""

from collections.abc import Iterator

from pydantic import BaseModel

from state.paper import Paper


def sources(artifact: BaseModel) -> Iterator[str]:
    """Every anchor id that an artifact names, anywhere in it."""
    for name, value in artifact:
        if name == "source" and isinstance(value, list):
            yield from value
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, BaseModel):
                yield from sources(item)


def unknown_sources(artifact: BaseModel, paper: Paper) -> str:
    """A sentence about the ids that the paper does not have; empty if it has them all."""
    known = paper.labels()
    unknown = sorted({anchor for anchor in sources(artifact) if anchor not in known})
    if not unknown:
        return ""
    return (
        f"These sources are not ids of the paper: {', '.join(unknown[:12])}. Use the ids in square brackets exactly "
        "as the paper shows them, and leave `source` empty where the paper does not state something."
    )
