"""What happens in a run, told to whoever follows it."""

from langgraph.types import StreamWriter

from state.events import RunEvent


def emit_event(emit: StreamWriter, event: RunEvent) -> None:
    emit(event.model_dump(mode="json"))
