"""What an author is told who has to revise: what was written before, and what a review found in it."""

from pydantic import BaseModel

from agents.context import Material
from prompts import quoted, render
from state.review import Review


def review_of(material: Material, stage: str) -> Review:
    return material.reviews.get(stage, Review())


def revision(review: Review, artifact: BaseModel | str | None) -> str:
    """The end of the author's prompt; empty where there is nothing to revise."""
    if artifact is None or not review.findings:
        return ""
    text = artifact if isinstance(artifact, str) else artifact.model_dump_json(indent=1)
    return render("revision", artifact=quoted("answer", text), findings=review.findings)
