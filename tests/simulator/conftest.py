"""A simulated provider for a module's tests, and a plain client for it."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from benchmarks.simulator.process import Simulator

Ask = Callable[..., httpx.Response]

PAPER = "The paper says that attention is all one needs.\n" * 250


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(files=5, scale=0.002) as running:
        yield running


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=20) as opened:
        yield opened


@pytest.fixture
def ask(simulator: Simulator, client: httpx.Client) -> Ask:
    """Sends one request; the simulator starts it with an empty cache and no faults."""
    simulator.reset()
    simulator.set_faults([])

    def send(stage: str = "planning", *, turns: list[dict[str, str]] | None = None, **body: Any) -> httpx.Response:
        messages = [
            {"role": "system", "content": "You reproduce papers."},
            {"role": "user", "content": PAPER + body.pop("salt", "")},
            {"role": "user", "content": f"# Stage: {stage}\n\nDo it."},
            *(turns or []),
        ]
        return client.post(
            f"{simulator.base_url}/chat/completions", json={"model": "o3-mini", "messages": messages} | body
        )

    return send
