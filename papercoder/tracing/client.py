"""The LangSmith client of this process: everything that leaves passes here and is scrubbed."""

import logging
from typing import Any

from langchain_core.tracers.langchain import LangChainTracer
from langsmith import Client
from langsmith.utils import LangSmithError
from urllib3.util import Retry

from papercoder.tracing.content import names_of, results_of, scrubbed
from papercoder.tracing.destination import Destination, papers_are_sent
from papercoder.tracing.session import BoundedSession
from state.secrets import redacted

_SETTLING = 5.0
"""Seconds that the end of a run waits for its traces."""


class _ScrubbingClient(Client):
    """What a node was given is named, what it decided is shown, and a call's price is worked out."""

    def create_run(self, name: str, inputs: dict[str, Any], run_type: Any, **kwargs: Any) -> None:
        if run_type == "chain":
            inputs = names_of(inputs)
        super().create_run(name, inputs, run_type, **_shown(kwargs))

    def update_run(self, run_id: Any, **kwargs: Any) -> None:
        if kwargs.get("run_type") == "chain" and kwargs.get("inputs"):
            kwargs["inputs"] = names_of(kwargs["inputs"])
        super().update_run(run_id, **_shown(kwargs))


def _shown(fields: dict[str, Any]) -> dict[str, Any]:
    fields.pop("serialized", None)  # how the chat model was made: nothing that the metadata does not say
    if isinstance(fields.get("outputs"), dict):
        fields["outputs"] = results_of(fields["outputs"])
    metadata = (fields.get("extra") or {}).get("metadata") or {}
    if usage := metadata.get("usage_metadata"):
        cost = _dollars(usage, metadata.get("dollars_per_million"))
        fields["extra"] = {**fields["extra"], "metadata": {**metadata, "usage_metadata": {**usage, **cost}}}
    return fields


def _dollars(usage: dict[str, Any], price: dict[str, float] | None) -> dict[str, float]:
    """LangSmith's own fields for what a call cost, by our price."""
    if price is None:
        return {}
    cached = (usage.get("input_token_details") or {}).get("cache_read") or 0
    asked = ((usage["input_tokens"] - cached) * price["input"] + cached * price["cached"]) / 1e6
    told = usage["output_tokens"] * price["output"] / 1e6
    return {"input_cost": asked, "output_cost": told, "total_cost": asked + told}


class Traces:
    """One destination, open.  Nothing about it raises: the first problem is kept, to be told once."""

    def __init__(self, where: Destination) -> None:
        self._where = where
        self._session = BoundedSession()
        self._problem = ""
        self._told = False
        papers = papers_are_sent()
        logging.getLogger("langsmith").addHandler(logging.NullHandler())  # we tell what it would print
        self._client = _ScrubbingClient(
            where.url,
            api_key=where.key,
            session=self._session,
            retry_config=Retry(0),
            tracing_mode="langsmith",
            anonymizer=lambda value: scrubbed(value, papers=papers),
            tracing_error_callback=self._failed,
        )
        self.tracer = LangChainTracer(project_name=where.project, client=self._client)

    def settle(self) -> str:
        """Wait for what is under way, a bounded time.  What went wrong, unless it was told before."""
        self._client.flush(_SETTLING)
        queue = self._client.tracing_queue
        if self._session.under_way or (queue is not None and queue.unfinished_tasks):
            self._failed(TimeoutError(f"not everything was taken within {_SETTLING:g} seconds"))
        if self._told or not self._problem:
            return ""
        self._told = True
        return self._problem

    def close(self) -> None:
        """Nothing more is sent."""
        self._session.ended = True
        self._client.close(timeout=0)

    def _failed(self, error: Exception) -> None:
        reason = " ".join(redacted(str(error)).split())[:200]
        self._problem = self._problem or (
            f"traces do not reach LangSmith at {redacted(self._where.url)} ({type(error).__name__}: {reason}); "
            "the run is not affected"
        )


def open_traces(where: Destination) -> Traces | str:
    """The open destination, or why there can be none."""
    try:
        return Traces(where)
    except (LangSmithError, ValueError) as error:
        return f"nothing is traced: {redacted(str(error))}"
