"""What a node tells of its stage: that it begins, and what came out."""

from typing import Literal

from langgraph.runtime import Runtime

from agents.events import emit_event
from state.context import AnyStage, Context
from state.events import StageFinished, StageStarted


def begin(
    runtime: Runtime[Context], stage: AnyStage, count: int = 0, of: Literal["files", "answers"] = "files"
) -> None:
    """With how many files, or answers of a judge, it goes through."""
    emit_event(runtime.stream_writer, StageStarted(stage=stage, files=count, of=of))


def end(runtime: Runtime[Context], stage: AnyStage, summary: str) -> None:
    emit_event(runtime.stream_writer, StageFinished(stage=stage, summary=summary))
