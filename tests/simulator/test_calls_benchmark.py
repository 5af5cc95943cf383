"""The benchmark of single calls asks what it says it asks."""

import pytest

from benchmarks.calls import WARM_UP, cpu_of_a_call
from benchmarks.simulator.process import Simulator


@pytest.mark.parametrize("streamed", [False, True])
async def test_calls_are_streamed_or_not_as_asked(streamed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with Simulator(files=5, scale=0.001) as simulator:
        for name, value in simulator.environment().items():
            monkeypatch.setenv(name, value)
        assert await cpu_of_a_call(2, simulator.base_url, streamed=streamed) > 0
    records = simulator.records()
    assert len(records) == WARM_UP + 2
    assert {record.stream for record in records} == {streamed}
    assert all((record.cached_tokens > 0) is not streamed for record in records[1:])
