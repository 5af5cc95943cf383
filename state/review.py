"""What is found wrong with an artifact, and what a person answers who was asked to approve it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

Gate = Literal["specification", "planning", "architecture", "configuration"]
"""Stages whose artifact can wait for a person's approval."""

GATES: tuple[Gate, ...] = Gate.__args__  # type: ignore[attr-defined]

Severity = Literal["high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = Severity.__args__  # type: ignore[attr-defined]


class Finding(BaseModel):
    """One thing to mend; where, and how if that is known."""

    model_config = ConfigDict(frozen=True)

    severity: Severity = "high"
    location: str = ""  # a key, a symbol, a line; empty: the artifact as a whole
    problem: str
    fix: str = ""
    rule: str = ""  # the deterministic check that found it; empty: a critic or a person did
    file: str = ""  # the file to mend; empty: the artifact under review
    line: int = 0  # counted from 1; 0: the file as a whole
    requirement: str = ""  # the requirement that is not met
    evidence: str = ""  # the words or the code that show it

    @property
    def is_note(self) -> bool:
        """Nothing that anybody has to act on."""
        return self.severity == "low"


class Review(BaseModel):
    """How often an artifact was sent back by a person, and what its author has to mend now."""

    model_config = ConfigDict(frozen=True)

    round: int = 0
    findings: tuple[Finding, ...] = ()

    def mended(self) -> "Review":
        return self.model_copy(update={"findings": ()})


class Question(BaseModel):
    """What the paper leaves open, as the person is asked about it."""

    model_config = ConfigDict(frozen=True)

    question: str
    choice: str
    alternatives: list[str] = []


class ApprovalRequest(BaseModel):
    """What a gate shows: the artifact, the questions that the paper left open, and how to answer."""

    model_config = ConfigDict(frozen=True)

    stage: Gate
    questions: list[Question]
    artifact: dict[str, JsonValue]
    problem: str = ""  # why the last answer could not be used
    how_to_answer: str = (
        'Answer "accept"; or any other words: they go to the author as findings, and you see the revision; '
        'or {"decision": "edit", "artifact": {…}} with the whole artifact as it shall be.'
    )


class Answer(BaseModel):
    """What the person decided."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decision: Literal["accept", "edit", "revise"]
    artifact: dict[str, JsonValue] | None = Field(None, description="With edit: the whole artifact.")
    words: str = Field("", description="With revise: what shall be different.")


ACCEPTING = {"", "accept", "accepted", "approve", "approved", "ok", "okay", "y", "yes", "lgtm", "go on", "continue"}


def understood(value: object) -> Answer:
    """The answer as people give it in Studio, a form or a script.  ValueError says what could not be understood."""
    match value:
        case Answer():
            return value
        case None | True:
            return Answer(decision="accept")
        case str() if value.strip().rstrip(".!").lower() in ACCEPTING:
            return Answer(decision="accept")
        case str():
            return Answer(decision="revise", words=value.strip())
        case {"decision": _}:
            return _complete(Answer.model_validate(value))
        case {"artifact": dict(artifact)} | dict(artifact):
            return Answer(decision="edit", artifact=artifact)
    raise ValueError(f"{value!r:.80} is not an answer. {ApprovalRequest.model_fields['how_to_answer'].default}")


def _complete(answer: Answer) -> Answer:
    if answer.decision == "edit" and answer.artifact is None:
        raise ValueError("an edit needs the whole artifact as it shall be")
    if answer.decision == "revise" and not answer.words.strip():
        raise ValueError("a revision needs words: what shall be different?")
    return answer


def in_short(error: ValueError) -> str:
    """What is wrong with an artifact, field by field, on one line."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'the artifact'}: {item['msg']}" for item in error.errors())
