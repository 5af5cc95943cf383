"""An evaluation as an experiment in LangSmith: a dataset of papers, one experiment an evaluation, scores as feedback.

Papers are examples by their titles; no text of theirs leaves.  Ids are made of what they name, so that an evaluation
which reports twice stands there once.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from papercoder.tracing.content import scrubbed
from papercoder.tracing.destination import Destination, destination
from state.secrets import redacted

DATASET = "papercoder: papers"
_OURS = uuid.UUID("6f1d3f0e-6c5b-5e0e-9f6a-0a4b8c1d2e3f")


@dataclass(frozen=True)
class Experiment:
    """What is sent: names, settings, and figures with the words that explain them."""

    run: str
    paper: str
    repositories: tuple[str, ...]
    judge: str
    figures: Sequence[tuple[str, float, str]]


def record_experiment(experiment: Experiment) -> str:
    """Sends it where tracing is on and a key is set, and nothing else anywhere.  What went wrong; else empty."""
    where = destination()
    if where is None or not where.key:
        return ""
    import requests
    from langsmith.utils import LangSmithError

    try:
        _send(experiment, where)
    except (LangSmithError, requests.RequestException, ValueError) as error:
        reason = " ".join(redacted(str(error)).split())[:200]
        return f"the experiment does not reach LangSmith at {redacted(where.url)} ({type(error).__name__}: {reason})"
    return ""


def _send(experiment: Experiment, where: Destination) -> None:
    from langsmith import Client
    from langsmith.utils import LangSmithConflictError
    from urllib3.util import Retry

    from papercoder.tracing.session import BoundedSession

    session = BoundedSession()
    client = Client(
        where.url, api_key=where.key, session=session, retry_config=Retry(0), auto_batch_tracing=False,
        anonymizer=lambda value: scrubbed(value, papers=False),
    )  # fmt: skip
    try:
        dataset = _dataset(client)
        example, root = _id(str(dataset), experiment.paper), _id("evaluation", experiment.run)
        already_there = suppress(LangSmithConflictError)
        with already_there:
            client.create_example({"paper": experiment.paper}, dataset_id=dataset, example_id=example)
        name = f"{where.project}: {experiment.run}"
        project = client.create_project(
            name, reference_dataset_id=dataset, upsert=True,
            metadata={"judge": experiment.judge, "repositories": list(experiment.repositories)},
        )  # fmt: skip
        with already_there:
            _create_run(client, experiment, root, example, name)
        for key, score, words in experiment.figures:
            with already_there:
                client.create_feedback(
                    root, key, score=score, comment=words, feedback_id=_id(str(root), key), session_id=project.id,
                    feedback_source_type="model", stop_after_attempt=1,
                )  # fmt: skip
    finally:
        session.ended = True
        client.close(timeout=0)


def _dataset(client: Any) -> uuid.UUID:
    from langsmith.utils import LangSmithNotFoundError

    try:
        found: uuid.UUID = client.read_dataset(dataset_name=DATASET).id
    except LangSmithNotFoundError:
        found = client.create_dataset(DATASET, description="Papers that repositories were judged against.").id
    return found


def _create_run(client: Any, experiment: Experiment, root: uuid.UUID, example: uuid.UUID, project: str) -> None:
    now = datetime.now(UTC)
    client.create_run(
        f"evaluation {experiment.run}", {"paper": experiment.paper, "repositories": list(experiment.repositories)},
        "chain", id=root, trace_id=root, dotted_order=f"{now:%Y%m%dT%H%M%S%fZ}{root}", project_name=project,
        reference_example_id=example, start_time=now, end_time=now,
        outputs={name: score for name, score, _ in experiment.figures}, tags=[f"run:{experiment.run}"],
    )  # fmt: skip


def _id(*parts: str) -> uuid.UUID:
    return uuid.uuid5(_OURS, "\n".join(parts))
