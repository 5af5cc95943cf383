"""Quotes that the paper must have, word for word, in the passages they name."""

from collections.abc import Sequence

from papercoder.checks.passages import Passages, passages_of, trimmed
from state.paper import Paper
from state.requirements import RequirementDraft

SIMILAR = 0.5
"""Share of a quote's words that a passage must have near each other to be shown as what was meant."""
SHOWN = 400
"""Characters of the nearest text that the author of a wrong quote is shown."""


def quote_problem(quote: str, source: Sequence[str], paper: Paper) -> str:
    """Why a quote cannot be verified, with what to do about it; empty if it occurs verbatim in a named passage.

    `source` are ids of blocks, sections (anything in them) or references.  What may differ is spelling, not wording:
    see `papercoder.checks.wording`.  An ellipsis inside joins parts that follow each other in one passage.
    """
    passages = passages_of(paper)
    known = passages.known(source)
    unknown = "".join(_unknown(anchor, passages) for anchor in source if anchor not in known)
    if not any(character.isalnum() for character in quote):
        return f"{unknown}The quote has no words: copy those that state it.".strip()
    if known and passages.has(quote, known):
        return unknown.strip()
    return f"{unknown}{_misplaced(quote, known, passages)}"


def draft_problems(drafts: Sequence[RequirementDraft], paper: Paper) -> dict[int, str]:
    """What cannot be verified, by position.  Only an `unspecified` requirement needs neither quote nor source."""
    problems = {position: _draft_problem(draft, paper) for position, draft in enumerate(drafts)}
    return {position: problem for position, problem in problems.items() if problem}


def _draft_problem(draft: RequirementDraft, paper: Paper) -> str:
    if draft.status != "unspecified" and not draft.source:
        return f"It is {draft.status}, so `source` must name the passages that state it."
    if draft.status != "unspecified" and not draft.quote.strip():
        return f"It is {draft.status}, so `quote` must have the words that state it."
    if draft.quote.strip():
        return quote_problem(draft.quote, draft.source, paper)
    passages = passages_of(paper)
    return "".join(_unknown(anchor, passages) for anchor in draft.source if anchor not in passages.labels).strip()


def _unknown(anchor: str, passages: Passages) -> str:
    meant = [id for id, label in passages.labels.items() if label == anchor]
    instead = f": write {meant[0]}" if meant else ""
    return f"The paper has no passage {anchor}{instead}. "


def _misplaced(quote: str, known: Sequence[str], passages: Passages) -> str:
    named = ", ".join(f"[{anchor}]" for anchor in known)
    if found := passages.where(quote) if trimmed(quote) else []:
        places = ", ".join(f"[{id}]" for id in found)
        return f"The words stand in {places}{f' instead of {named}' if named else ''}: name that as the source."
    share, id, text = passages.nearest(quote, passages.covered(known))
    if share < SIMILAR:
        share, id, text = max((share, id, text), passages.nearest(quote))
    text = text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
    where = f"The words do not stand in {named}" if named else "The words stand nowhere in the paper"
    if share < SIMILAR:
        return f"{where}, nor anything like them: quote what the paper says, or say that it is unspecified."
    return f"{where}. The nearest text is in [{id}]: “{text}”. Copy it letter by letter."
