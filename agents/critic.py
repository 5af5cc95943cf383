"""The critic: says what is wrong with an artifact, in the place of its author (Self-Refine; Paper2Code, section 4)."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, field_validator

from agents.author import Author
from agents.question import Question
from papercoder.models.answers import json_answer
from prompts import describe, quoted, render
from state.artifacts import Artifact
from state.critique import Critique
from state.requirements import Text
from state.review import Finding, Severity

T = TypeVar("T")

MOST_FINDINGS = 12
"""More than that nobody mends in one revision; the worst come first."""

_SEVERITIES: dict[str, Severity] = {
    "critical": "high", "major": "high", "error": "high", "moderate": "medium", "warning": "medium",
    "minor": "low", "info": "low", "nit": "low",
}  # fmt: skip


def _severity(value: object) -> object:
    """As models write it: `High`, `critical`, `minor`."""
    word = str(value).strip().lower()
    return _SEVERITIES.get(word, word)


class Remark(Artifact):
    """One thing that is wrong."""

    severity: Annotated[Severity, BeforeValidator(_severity)]
    location: Text = Field("", description="the symbol, key, task or heading where it is")
    requirement: Text = Field("", description="the id of the requirement that is not met, e.g. R7; empty if none")
    evidence: Text = Field("", description="the words or the line that show it, copied from the answer or the paper")
    problem: str = Field(min_length=1, description="what is wrong, and what the paper says instead, with its ids")
    fix: Text = Field("", description="what to write instead, exactly")


class Remarks(Artifact):
    findings: list[Remark] = Field(
        description=f"the worst first, at most {MOST_FINDINGS}; an empty list if it is sound"
    )

    @field_validator("findings", mode="before")
    @classmethod
    def _nothing_is_an_empty_list(cls, value: Any) -> Any:
        return [] if value in (None, "") else value


def critique(author: Author[T], artifact: T, known: Sequence[Finding], before: Critique) -> Question[Remarks]:
    """The question about the version after those; `known` is what checks have found already."""
    asked = author.question
    task = author.lead + render(
        "critique",
        subject=asked.about,
        code=asked.role == "coder",
        instructions=quoted("task", author.instructions.partition("\n")[2]),
        answer=quoted("answer", author.shown(artifact)),
        of_a_file=bool(asked.file),
        known=known,
        earlier=before.kept.findings if before.versions else (),
        most=MOST_FINDINGS,
    )
    return Question(
        role="critic",
        stage=asked.stage,
        file=asked.file,
        round=asked.round + len(before.versions),
        system=asked.system,
        prefix=asked.prefix,
        images=asked.images,
        task=task + render("json_form", form=describe(Remarks)),
        parse=json_answer(Remarks),
        schema=Remarks,
        fan_out=asked.fan_out,
        shared=asked.shared,
        trimmed=asked.trimmed,
        optional=True,
    )


def findings(remarks: Remarks, author: Author[T], artifact: T) -> tuple[Finding, ...]:
    """The remarks as findings, with the line of the code that they quote."""
    path, text = author.question.file, author.shown(artifact)
    in_code = author.question.role == "coder"
    known = {requirement.id for requirement in author.requirements}
    worst_first = sorted(remarks.findings, key=lambda remark: ("high", "medium", "low").index(remark.severity))
    return tuple(
        Finding(
            severity=remark.severity,
            location=remark.location,
            problem=remark.problem,
            fix=remark.fix,
            file=path if in_code else "",
            line=_line_of(remark.evidence, text) if in_code else 0,
            requirement=remark.requirement if remark.requirement in known else "",
            evidence=remark.evidence,
        )
        for remark in worst_first[:MOST_FINDINGS]
    )


def _line_of(evidence: str, text: str) -> int:
    """The line, counted from 1, that a quotation of the code begins on; 0 if it is in none."""
    wanted = next((line.strip(" `") for line in evidence.splitlines() if line.strip(" `")), "")
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if len(wanted) > 3 and wanted in line), 0)
