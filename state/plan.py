"""The plan: what must be implemented, what it needs from outside, and the numbers to compare with."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from state.artifacts import UNKNOWN, Artifact, Known, OpenChoices, Sources, refuse_duplicates


class PlanItem(Artifact):
    what: str = Field(
        description="one thing to implement, precise enough to code from: quantities, symbols, order of steps"
    )
    source: Sources


class ExpectedResult(Artifact):
    """One number of the paper that a reproduction is compared with.  It is never given to the program."""

    id: str = Field(description="a short unique key for results.json, e.g. digits/ours/accuracy")
    what: str = Field(description="method, data set, metric and conditions")
    value: float
    spread: float | None = Field(None, description="the standard deviation or interval that the paper states, if any")
    unit: str = Field("", description="e.g. %, BLEU, nats")
    tolerance: float | None = Field(
        None,
        description="how far a faithful reproduction may be off, in the same unit, if the paper says so; else null",
    )
    source: Sources


ResourceKind = Literal["dataset", "weights", "simulator", "service"]
Availability = Literal["package", "download", "restricted", "unavailable"]


def _as_kind(value: object) -> object:
    """As models write it: `data set`, `Pretrained weights`, `API`."""
    word = str(value).lower()
    if re.search(r"weight|checkpoint|model", word):
        return "weights"
    if re.search(r"simulat|environment", word):
        return "simulator"
    return "service" if re.search(r"service|api\b", word) else "dataset" if re.search(r"data|corpus", word) else value


def _as_availability(value: object) -> object:
    word = str(value).strip().lower()
    return "unavailable" if word in ("unknown", "none", "") else word


class Resource(Artifact):
    """Something that the experiments need and no file of the repository holds."""

    name: str = Field(pattern=r"\S", description="short, lower case, as it will stand in results.json: cifar-10")
    kind: Annotated[ResourceKind, BeforeValidator(_as_kind)]
    available: Annotated[Availability, BeforeValidator(_as_availability)] = Field(
        "unavailable",
        description="package: comes with a package, without a network; download: for anyone, by a package's loader or "
        "from an address; restricted: on request, for money, with consent; unavailable: also where nobody knows",
    )
    origin: Known = Field(
        UNKNOWN, description="the package and the call that brings it, or the address that the paper states"
    )
    licence: Known = Field(UNKNOWN, description="its name")
    size: Known = Field(UNKNOWN, description="samples or parameters, and bytes")
    checksum: Known = Field(UNKNOWN, description="e.g. sha256:…, if the paper or the package states it")
    stand_in: str = Field("", description="what takes its place behind the same interface where it cannot be had")
    source: Sources


class Plan(Artifact):
    """The overall plan (Paper2Code, section 3.1): what must be implemented, before any code is thought of."""

    summary: str = Field(
        description="what the paper contributes and what the repository will reproduce, in a paragraph"
    )
    method: list[PlanItem] = Field(
        min_length=1, description="the method: every equation, algorithm step and architecture detail"
    )
    data: list[PlanItem] = Field(description="data sets, splits, preprocessing, noise, augmentation")
    experiments: list[PlanItem] = Field(
        description="training and evaluation protocol, baselines, ablations, seeds, schedules"
    )
    metrics: list[PlanItem] = Field(description="how each reported number is computed and aggregated")
    resources: list[Resource] = Field(
        default_factory=list,
        description="data sets, pretrained weights, simulators and services that come from outside",
    )
    expected_results: list[ExpectedResult] = Field(
        default_factory=list, description="the numbers in scope that a reproduction should be compared with"
    )
    open_choices: OpenChoices

    @field_validator("expected_results")
    @classmethod
    def _ids_are_unique(cls, results: list[ExpectedResult]) -> list[ExpectedResult]:
        refuse_duplicates("expected_results", [result.id for result in results])
        return results

    @field_validator("resources", mode="before")
    @classmethod
    def _none_is_an_empty_list(cls, value: object) -> object:
        return [] if value in (None, "") else value

    @field_validator("resources")
    @classmethod
    def _names_are_unique(cls, resources: list[Resource]) -> list[Resource]:
        refuse_duplicates("resources", [resource.name for resource in resources])
        return resources
