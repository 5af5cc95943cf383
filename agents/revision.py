"""What an author is told who has to revise: what was written before, and what a review found in it."""

from collections.abc import Sequence

from pydantic import BaseModel

from agents.context import Material
from prompts import quoted, render
from state.review import Finding, Review


def review_of(material: Material, stage: str) -> Review:
    return material.reviews.get(stage, Review())


def revision(findings: Sequence[Finding], artifact: str, name: str) -> str:
    """The end of the author's prompt; empty where there is nothing to revise.  Edits call the artifact by `name`."""
    return (
        render("second_version", artifact=quoted("answer", artifact), findings=findings, called=name)
        if findings
        else ""
    )


def as_json(artifact: BaseModel) -> str:
    return artifact.model_dump_json(indent=1)
