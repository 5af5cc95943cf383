"""What a faithful implementation of the paper must show: requirements with sources, and the paper's contradictions.

The field descriptions are part of the prompts, as those of `state.artifacts` are.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from state.artifacts import Artifact, OpenChoice, RequirementIds, Sources

Kind = Literal[
    "method", "equation", "architecture", "data", "training", "hyperparameter", "evaluation", "baseline", "result"
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]

Status = Literal["specified", "partial", "unspecified"]

MOST_WEIGHT = 5


def _as_text(value: object) -> object:
    return "" if value is None else value


def _as_list(value: object) -> object:
    return [] if value is None else value


def _as_weight(value: object) -> object:
    """Weights as models write them: `4.0`, `"3"`, 7."""
    try:
        return min(max(round(float(value)), 1), MOST_WEIGHT)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return value


Text = Annotated[str, BeforeValidator(_as_text)]


class RequirementDraft(Artifact):
    """A requirement as the specifier writes it, before it has a number and its quote is checked."""

    kind: Kind
    what: str = Field(
        min_length=1,
        description="one thing that code must do, to be checked against it without the paper at hand: quantities, "
        "symbols, order of steps, conditions",
    )
    source: Sources
    quote: Text = Field(
        "",
        description="the words that state it, copied letter by letter from one of these passages, a sentence or a part "
        "of one; of a table, one row or cell; empty only if the paper does not state it at all",
    )
    weight: Annotated[int, BeforeValidator(_as_weight)] = Field(
        2, ge=1, le=MOST_WEIGHT, description="from 1, a detail, to 5, without which it is another method"
    )
    status: Status = Field(
        "specified",
        description="partial: stated, but a programmer has to decide something; unspecified: needed and not stated",
    )
    choice: Text = Field("", description="for partial and unspecified: what this implementation does")
    alternatives: Annotated[list[str], BeforeValidator(_as_list)] = Field(
        default_factory=list, description="for partial and unspecified: other reasonable choices"
    )

    @model_validator(mode="after")
    def _silence_is_filled(self) -> "RequirementDraft":
        if self.status != "specified" and not self.choice.strip():
            raise ValueError(f"{self.what[:80]!r} is {self.status}, so `choice` must say what the implementation does")
        return self


class Requirement(RequirementDraft):
    """`problem` says why quote and anchors could not be verified; empty if they were.

    `deviation` is what the paper asks for, where its user wants otherwise.
    """

    id: str
    problem: str = ""
    deviation: str = ""

    @property
    def whole(self) -> str:
        """What code is held against: with what was decided where the paper leaves it open."""
        return f"{self.what} (Decided: {self.choice})" if self.status != "specified" else self.what


class ContradictionDraft(Artifact):
    """Two passages of the paper that cannot both be right."""

    what: str = Field(min_length=1, description="what one passage says and what the other says")
    source: Sources
    choice: str = Field(min_length=1, description="which of them the implementation follows, or what else")
    reason: Text = Field("", description="why")
    requirements: RequirementIds = Field(default_factory=list)


class Contradiction(ContradictionDraft):
    id: str


class Specification(Artifact):
    """The paper as requirements (PaperCompiler's idea), frozen before anything is designed."""

    requirements: list[Requirement] = Field(default_factory=list)
    contradictions: list[Contradiction] = Field(default_factory=list)

    @field_validator("requirements")
    @classmethod
    def _ids_are_unique(cls, requirements: list[Requirement]) -> list[Requirement]:
        ids = [requirement.id for requirement in requirements]
        if doubled := {id for id in ids if ids.count(id) > 1}:
            raise ValueError(f"requirements lists {', '.join(sorted(doubled))} twice")
        return requirements

    @property
    def ids(self) -> list[str]:
        return [requirement.id for requirement in self.requirements]

    def named(self, ids: Iterable[str]) -> list[Requirement]:
        """Those with these ids, in the specification's order."""
        wanted = set(ids)
        return [requirement for requirement in self.requirements if requirement.id in wanted]

    @property
    def unverified(self) -> list[Requirement]:
        return [requirement for requirement in self.requirements if requirement.problem]

    @property
    def open_choices(self) -> list[OpenChoice]:
        """What the paper leaves open, as questions."""
        silent = [requirement for requirement in self.requirements if requirement.status != "specified"]
        return [
            OpenChoice(question=r.what, choice=r.choice, alternatives=r.alternatives, reason=f"the paper: {r.status}")
            for r in silent
        ]


def numbered(drafts: Iterable[RequirementDraft], problems: Mapping[int, str]) -> list[Requirement]:
    """`R1`, `R2`, … in the order of the drafts; `problems` by position."""
    fields = set(RequirementDraft.model_fields)
    return [
        Requirement(id=f"R{n + 1}", problem=problems.get(n, ""), **draft.model_dump(include=fields))
        for n, draft in enumerate(drafts)
    ]
