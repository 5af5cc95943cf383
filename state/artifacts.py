"""What all artifacts have in common: how a model's answer is read into one, where it comes from, what it leaves open.

The field descriptions are part of the prompts: `prompts.describe` shows a model the form that its answer must have,
and the answer is validated against the same class.  A validator's message is quoted back to the model, so it says
what is wrong and what to do.
"""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class Artifact(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _field_names_as_asked_for(cls, value: object) -> object:
        """`openChoices` and `Open choices` mean `open_choices`: dropped as unknown, they would be lost in silence."""
        if not isinstance(value, dict):
            return value
        return {_snake_case(key) if isinstance(key, str) and key not in cls.model_fields else key: item
                for key, item in value.items()}  # fmt: skip


def _snake_case(key: str) -> str:
    return re.sub(r"[\s-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key)).lower()


def _as_ids(value: object) -> object:
    """Ids as models write them: `[E4]`, `E4, T1`, or nothing at all."""
    if value is None:
        return []
    if isinstance(value, str):
        value = value.split(",")
    if isinstance(value, list):
        return [item.strip(" []") if isinstance(item, str) else item for item in value if item != ""]
    return value


Sources = Annotated[
    list[str],
    BeforeValidator(_as_ids),
    Field(description="ids of the passages of the paper this comes from, e.g. S3.2.p4, E4, T1"),
]


RequirementIds = Annotated[
    list[str],
    BeforeValidator(_as_ids),
    Field(default_factory=list, description="ids of the requirements that are meant, e.g. R3, R7"),
]


class OpenChoice(Artifact):
    """Something the paper does not state, and what we do about it."""

    question: str = Field(description="what the paper leaves open")
    choice: str = Field(description="what this implementation does")
    alternatives: list[str] = Field(default_factory=list, description="other reasonable choices")
    reason: str = Field("", description="why this one")


OpenChoices = Annotated[
    list[OpenChoice],
    Field(default_factory=list, description="everything you had to decide because the paper does not state it"),
]


UNKNOWN = "unknown"


def _as_text(value: object) -> object:
    """`null` and `""` say as much as `unknown`; a size may come as a number."""
    return UNKNOWN if value in (None, "") else str(value) if isinstance(value, int | float) else value


Known = Annotated[str, BeforeValidator(_as_text)]


def refuse_duplicates(field: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{field} lists {key!r} twice")
        seen.add(key)
