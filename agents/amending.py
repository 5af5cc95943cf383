"""Requirements as a user wants them: the list is frozen for everybody else."""

from collections.abc import Sequence

from agents.reviser import Change
from papercoder.checks.quotes import draft_problems
from state.paper import Paper
from state.requirements import Requirement, Specification

NEW_WEIGHT = 3
WISHED = "so the user wants it"


def amended(
    specification: Specification | None, changes: Sequence[Change], paper: Paper
) -> tuple[Specification | None, tuple[str, ...]]:
    """The requirements after the changes, and the ids of those that read otherwise or are new."""
    wanted = [change for change in changes if change.place == "requirement"]
    if specification is None or not wanted:
        return specification, ()
    requirements = {requirement.id: requirement for requirement in specification.requirements}
    named = []
    for change in wanted:
        id = change.location or _next_id(requirements)
        requirements[id] = _changed(requirements.get(id, _new(id)), change, paper)
        named.append(id)
    changed = specification.model_copy(update={"requirements": list(requirements.values())})
    return changed, tuple(dict.fromkeys(named))


def _changed(requirement: Requirement, change: Change, paper: Paper) -> Requirement:
    """What contradicts the paper keeps the paper's quote, and says both, for whoever reads it beside the paper.

    What was chosen before goes: the requirement reads as a whole now, and would contradict itself.
    """
    wanted = change.fix.strip()
    if deviates := change.paper.strip():
        what = f"{wanted} (the user's wish; the paper: {deviates})"
        chosen = {"choice": WISHED if requirement.status != "specified" else "", "alternatives": []}
        return requirement.model_copy(update={"what": what, "deviation": deviates, **chosen})
    if not (change.source or change.quote.strip()):
        silent = {"status": "unspecified", "choice": WISHED, "alternatives": [], "quote": "", "source": []}
        return requirement.model_copy(update={"what": wanted, "deviation": "", "problem": "", **silent})
    stated = {
        "source": change.source or requirement.source,
        "quote": change.quote or requirement.quote,
        "status": "specified",
        "choice": "",
        "alternatives": [],
    }
    changed = requirement.model_copy(update={"what": wanted, "deviation": "", "problem": "", **stated})
    return changed.model_copy(update={"problem": draft_problems([changed], paper).get(0, "")})


def _new(id: str) -> Requirement:
    return Requirement(id=id, kind="method", what="new", source=[], weight=NEW_WEIGHT)


def _next_id(known: dict[str, Requirement]) -> str:
    numbers = [int(id[1:]) for id in known if id[1:].isdigit()]
    return f"R{max(numbers, default=0) + 1}"
