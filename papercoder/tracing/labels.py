"""What a model call is called in a trace, and what it can be found by."""

from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from papercoder.storage.journal import CallKey, Completion
from state.context import Price


def label(key: CallKey, price: Price | None = None) -> RunnableConfig:
    """Name, tags and metadata of a call: `coding model.py`, findable by stage, role, file and run."""
    tags = {"stage": key.stage, "role": key.role, "file": key.file, "run": key.run}
    metadata: dict[str, Any] = {
        "run": key.run, "file": key.file, "attempt": key.attempt, "round": key.round, "sample": key.sample,
        "prompt_digest": key.digest, "trimmed": list(key.trimmed),
    }  # fmt: skip
    if price:
        metadata["dollars_per_million"] = price.model_dump()
    return {
        "run_name": f"{key.stage} {key.file}".strip(),
        "tags": [f"{what}:{value}" for what, value in tags.items() if value],
        "metadata": metadata,
    }


async def note_recalled(key: CallKey, completion: Completion) -> None:
    """An answer out of the journal: in a trace it is a step of its own, not a model's run, since nothing was sent."""
    config = label(key)
    config["run_name"] = f"recalled {config['run_name']}"
    config["tags"] = [*config["tags"], "recalled"]
    outcome = {"model": completion.model, "usage": completion.usage.model_dump(), "dollars_then": completion.dollars}
    step: Runnable[dict[str, str], dict[str, Any]] = RunnableLambda(lambda _: outcome)
    await step.ainvoke({"prompt_digest": key.digest}, config)
