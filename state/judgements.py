"""What judges answer, as typed data; the field descriptions are part of the prompts.

An answer that is out of range or contradicts itself is refused here, and goes back with the reason; it never becomes
a score.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictInt, model_validator

from state.artifacts import Artifact
from state.review import Severity


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Level = Annotated[Severity, BeforeValidator(_lower)]


# --- reference-free and reference-based


class Critique(Artifact):
    """One thing that the repository gets wrong, or lacks."""

    file_name: str = Field("", description="the file it concerns; empty where something is missing altogether")
    func_name: str = Field("", description="the function or class in it; empty for the file as a whole")
    severity_level: Level
    critique: str = Field(min_length=1, description="what is wrong, against what the paper says, and where it says so")


class ReferencedCritique(Critique):
    """The same, with the place in the authors' repository that it is held against."""

    gold_file_name: str = Field("", description="the file of the authors' repository that does it")
    gold_func_name: str = Field("", description="the function or class in it")


class Judgement(Artifact):
    """The critiques first, then the score that they add up to."""

    critique_list: list[Critique] = Field(description="every critique, the gravest first")
    score: StrictInt = Field(ge=1, le=5, description="an integer from 1 to 5")

    @model_validator(mode="after")
    def _score_and_critiques_agree(self) -> "Judgement":
        severities = {critique.severity_level for critique in self.critique_list}
        if self.score == 5 and "high" in severities:
            raise ValueError("a score of 5 says that no key component is wrong, but a critique is of high severity")
        if self.score < 5 and not severities:
            raise ValueError(f"a score of {self.score} needs at least one critique that says what is wrong")
        return self


class ReferencedJudgement(Judgement):
    critique_list: list[ReferencedCritique] = Field(  # type: ignore[assignment]  # narrower, and never written to
        description="every critique, the gravest first"
    )


# --- a leaf of a rubric


class Grade(Artifact):
    """Whether one requirement is met: what was expected, what is there, then the verdict."""

    expectation: str = Field(min_length=1, description="what one would have to find for the requirement to be met")
    reality: str = Field(min_length=1, description="what the repository has of it, and what it lacks")
    evidence: list[str] = Field(
        default_factory=list, description="where in the repository, as path:name of the function or class"
    )
    verdict: Annotated[Literal["met", "not met"], BeforeValidator(_lower)]
    score: StrictInt = Field(ge=0, le=1, description="1 if the requirement is met, else 0; nothing in between")

    @model_validator(mode="after")
    def _verdict_and_score_agree(self) -> "Grade":
        if (self.verdict == "met") != (self.score == 1):
            raise ValueError(f"the verdict {self.verdict!r} and the score {self.score} contradict each other")
        if self.score == 1 and not self.evidence:
            raise ValueError("a requirement that is met needs evidence: name the file that meets it")
        return self


# --- two repositories

Better = Annotated[Literal["first", "second", "equal"], BeforeValidator(_lower)]


class Preference(Artifact):
    criterion: str = Field(description="the criterion's id, exactly as given")
    reason: str = Field(min_length=1, description="what decides it, with the files concerned")
    better: Better


class PairJudgement(Artifact):
    """One criterion after the other, then the whole."""

    preferences: list[Preference] = Field(description="one for each criterion, in the order given")
    reason: str = Field(min_length=1, description="what decides between the two as a whole")
    overall: Better

    @model_validator(mode="after")
    def _the_whole_agrees_with_its_parts(self) -> "PairJudgement":
        found = {preference.better for preference in self.preferences}
        if len(found) == 1 and "equal" not in found and self.overall not in (*found, "equal"):
            raise ValueError(f"every criterion says {found.pop()!r} and the whole says {self.overall!r}")
        return self
