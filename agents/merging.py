"""Many lists of requirements made into one: said twice, once kept; replaced, the new one; in the paper's order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from agents.survey import Addition, Consolidated
from state.paper import Paper
from state.requirements import ContradictionDraft, Requirement, RequirementDraft, Status

R = TypeVar("R", bound=RequirementDraft)

OPENNESS: dict[Status, int] = {"specified": 0, "partial": 1, "unspecified": 2}
MOST_SAME = 8
"""A larger group is a topic, not one thing that was said, or is replaced, several times."""


@dataclass(frozen=True)
class Merged:
    """The drafts of the final list, and the contradictions with that list's numbers."""

    drafts: list[RequirementDraft]
    contradictions: list[ContradictionDraft]


def in_order(drafts: Sequence[R], paper: Paper) -> list[R]:
    """By the first passage that each names; one that names none stays behind the one before it."""
    place = {anchor: n for n, anchor in enumerate(_anchors(paper))}
    keys: list[int] = []
    for draft in drafts:
        known = [place[anchor] for anchor in draft.source if anchor in place]
        keys.append(min(known) if known else keys[-1] if keys else 0)
    return [draft for _, draft in sorted(zip(keys, drafts, strict=True), key=lambda pair: pair[0])]


def consolidated(listed: Sequence[Requirement], found: Consolidated, paper: Paper) -> Merged:
    """The list as it is after a consolidation.  Ids that nothing has are passed over."""
    kept, successor = _joined(listed, found.same)
    additions = [_Named(**addition.model_dump(), names=_replaced(addition, successor)) for addition in found.missing]
    gone = {name for addition in additions for name in addition.names} | {successor.get(id) for id in found.dropped}
    stay = [_Named(**one.model_dump(), names=(id,)) for id, one in kept.items() if id not in gone]
    drafts = in_order([*stay, *additions], paper)
    number = {name: f"R{n}" for n, draft in enumerate(drafts, start=1) for name in draft.names}
    final = {id: number[now] for id, now in successor.items() if now in number}
    return Merged(
        [RequirementDraft.model_validate(draft.model_dump()) for draft in drafts],
        [_renamed(contradiction, final, paper) for contradiction in found.contradictions],
    )


def _replaced(addition: Addition, successor: Mapping[str, str]) -> tuple[str, ...]:
    if len(addition.instead_of) > MOST_SAME:
        return ()
    return tuple(dict.fromkeys(successor[id] for id in addition.instead_of if id in successor))


class _Named(RequirementDraft):
    """A draft with the id that it had in the list before, or with the ids of what it replaces."""

    names: tuple[str, ...]


def _joined(
    listed: Sequence[Requirement], groups: Iterable[Sequence[str]]
) -> tuple[dict[str, Requirement], dict[str, str]]:
    """What is left when each group is one requirement, and for every id the id of the one that it became."""
    kept = {requirement.id: requirement for requirement in listed}
    successor = {id: id for id in kept}
    for group in groups:
        members = list(dict.fromkeys(successor[id] for id in group if id in successor))
        if not 2 <= len(members) <= MOST_SAME:
            continue
        one = _one([kept[id] for id in members])
        kept[one.id] = one
        for id in members:
            if id != one.id:
                del kept[id]
        successor |= {id: one.id for id, now in successor.items() if now in members}
    return kept, successor


def _one(same: Sequence[Requirement]) -> Requirement:
    """The first of those that the paper settles best and whose quote was found, with everybody's passages."""
    first = min(same, key=lambda requirement: (OPENNESS[requirement.status], bool(requirement.problem)))
    anchors = dict.fromkeys(anchor for requirement in (first, *same) for anchor in requirement.source)
    weight = max(requirement.weight for requirement in same)
    return first.model_copy(update={"source": list(anchors), "weight": weight})


def _renamed(contradiction: ContradictionDraft, final: dict[str, str], paper: Paper) -> ContradictionDraft:
    known = paper.labels()
    return contradiction.model_copy(
        update={
            "source": [anchor for anchor in contradiction.source if anchor in known],
            "requirements": list(dict.fromkeys(final[id] for id in contradiction.requirements if id in final)),
        }
    )


def _anchors(paper: Paper) -> list[str]:
    return [id for section in paper.sections for id in (section.id, *(block.id for block in section.blocks))]
