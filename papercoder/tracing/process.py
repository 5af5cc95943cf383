"""The traces of a run, or of a server while it lives; where tracing is off, nothing of LangSmith's is begun."""

import asyncio
import atexit
from typing import TYPE_CHECKING

from langchain_core.callbacks import BaseCallbackHandler

from papercoder.tracing.destination import destination

if TYPE_CHECKING:
    from papercoder.tracing.client import Traces


class Tracing:
    """`callbacks` go into the graph's configuration."""

    def __init__(self, traces: "Traces | None" = None, problem: str = "") -> None:
        self._traces = traces
        self._problem = problem
        self.callbacks: list[BaseCallbackHandler] = [traces.tracer] if traces else []

    async def settle(self) -> str:
        """Wait a bounded time until everything has left.  What went wrong, the first time; else empty."""
        if self._traces:
            return await asyncio.to_thread(self._traces.settle)
        problem, self._problem = self._problem, ""
        return problem

    def close(self) -> None:
        if self._traces:
            self._traces.close()


def begin_tracing() -> Tracing:
    """As the environment says now.  What cannot be traced is kept from LangChain's own tracer, which would try."""
    where = destination()
    if where is None:
        return Tracing()
    problem = f"nothing is traced: {where.switch} is on, but there is no LANGSMITH_API_KEY"
    if where.key:
        from papercoder.tracing.client import open_traces

        traces = open_traces(where)
        if not isinstance(traces, str):
            return Tracing(traces)
        problem = traces
    import langsmith

    langsmith.configure(enabled=False)
    return Tracing(problem=problem)


def server_callbacks() -> list[BaseCallbackHandler]:
    """For a process whose runs nobody here begins or ends: a LangGraph server."""
    tracing = begin_tracing()
    atexit.register(tracing.close)
    return tracing.callbacks
