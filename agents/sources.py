"""Anchors that an artifact names, held against the paper."""

import re
from collections.abc import Iterator

from pydantic import BaseModel

from papercoder.checks.resources import addresses
from state.paper import Paper
from state.plan import Plan, Resource


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


def unstated(plan: Plan, paper: Paper) -> str:
    """A sentence about the addresses of resources that the paper does not have; empty if it has them all."""
    found = [address for resource in plan.resources for address in unstated_addresses(resource, paper)]
    if not found:
        return ""
    return (
        f"The paper does not have these addresses: {', '.join(found[:12])}. Name the package or the publisher in "
        "`origin` instead, or write `unknown`."
    )


def unstated_addresses(resource: Resource, paper: Paper) -> list[str]:
    """The addresses that nobody has seen but the model."""
    text = _joined(paper.markdown(references=True))
    return [address for address in addresses(resource.origin) if _joined(address) not in text]


def _joined(text: str) -> str:
    """As papers print addresses, and as they are meant: breaks, escapes and the protocol left out."""
    return re.sub(r"[\s\\{}]|https?://(?:www\.)?", "", text.lower()).rstrip("/.,;")
