"""Requirements and those who carry them out: none without an owner, no owner of what does not exist."""

from collections.abc import Iterable, Iterator

from papercoder.checks.design import Design
from papercoder.checks.rules import finding
from state.requirements import MOST_WEIGHT, Requirement
from state.review import Finding


def owners(design: Design) -> Iterator[Finding]:
    """Every requirement but hyperparameters, which config.yaml may carry out, belongs to a file.

    So do results: a number that no file owns is a number that nobody measures.
    """
    if not (design.architecture and design.specification):
        return
    for file in design.architecture.files:
        yield from _unknown(file.path, file.requirements, file.path, design)
    owned = _owned(design)
    for requirement in design.specification.requirements:
        if requirement.kind != "hyperparameter" and requirement.id not in owned:
            fix = f"Name {requirement.id} in the `requirements` of {_owner_of(requirement, design)}."
            yield _unowned(requirement, "", "belongs to no file", fix)


def settings_of_requirements(design: Design) -> Iterator[Finding]:
    """Every hyperparameter is a setting, or belongs to a file."""
    if not (design.configuration and design.specification):
        return
    for value in design.configuration.values:
        yield from _unknown(value.key, value.requirements, "config.yaml", design)
    covered = _owned(design) | {id for value in design.configuration.values for id in value.requirements}
    for requirement in design.specification.requirements:
        if requirement.kind == "hyperparameter" and requirement.id not in covered:
            fix = f"Add the setting, or name {requirement.id} in the `requirements` of the one that there is."
            yield _unowned(requirement, "config.yaml", "is neither a setting nor does it belong to a file", fix)


def _owned(design: Design) -> set[str]:
    return {id for file in (design.architecture.files if design.architecture else ()) for id in file.requirements}


def _owner_of(requirement: Requirement, design: Design) -> str:
    assert design.architecture
    if requirement.kind != "result":
        return "the file that carries it out"
    return f"the file that measures it; that may be {design.architecture.entry_point}"


def _unknown(location: str, ids: Iterable[str], file: str, design: Design) -> Iterator[Finding]:
    for id in dict.fromkeys(ids):
        if id not in design.requirements:
            text = f"{location} names {id}, which is no requirement."
            yield finding("unknown-requirement", file, text, location=location, requirement=id)


def _unowned(requirement: Requirement, file: str, text: str, fix: str) -> Finding:
    """Without a requirement of the most weight the repository is of another method: that is severe."""
    return finding(
        "unowned-requirement",
        file,
        f"{requirement.id} {text}: {requirement.what}",
        fix=fix,
        severity="high" if requirement.weight == MOST_WEIGHT else None,
        location=requirement.id,
        requirement=requirement.id,
    )
