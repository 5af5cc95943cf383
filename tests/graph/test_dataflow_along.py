"""Each file begins as soon as the ones it depends on are done, and a failure costs only what depends on it."""

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.dataflow import along, each

Graph = dict[str, list[str]]
DIAMOND: Graph = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}


class Work:
    """Takes a moment for each file and notes when it begins and ends."""

    def __init__(self, *failing: str, seconds: Mapping[str, float] | None = None) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.flying = 0
        self.most = 0
        self._failing = failing
        self._seconds = seconds or {}

    async def __call__(self, path: str, done: Mapping[str, str]) -> str:
        self.begun.append(path)
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            await asyncio.sleep(self._seconds.get(path, 0))
            if path in self._failing:
                raise ValueError(path)
        finally:
            self.flying -= 1
            self.ended.append(path)
        return path.upper() + "".join(done[other] for other in DIAMOND.get(path, []) if other in done)


async def test_results_come_in_the_order_asked_for() -> None:
    work = Work(seconds={"a": 0.01})
    assert list(await along({"a": [], "b": []}, work)) == ["a", "b"]
    assert work.ended == ["b", "a"]
    assert await along({}, work) == {}


async def test_a_file_sees_what_it_depends_on() -> None:
    assert await along(DIAMOND, Work()) == {"a": "A", "b": "BA", "c": "CA", "d": "DBACA"}


async def test_a_file_waits_for_its_dependencies_alone() -> None:
    work = Work(seconds={"slow": 0.05})
    await along({"slow": [], "quick": [], "after quick": ["quick"]}, work)
    assert work.ended == ["quick", "after quick", "slow"]


async def test_independent_files_run_side_by_side() -> None:
    work = Work(seconds=dict.fromkeys("abcdef", 0.01))
    await each(list("abcdef"), lambda path: work(path, {}))
    assert work.most == 6


async def test_a_failure_lets_the_others_finish_and_is_then_raised() -> None:
    work = Work("b", seconds={"c": 0.02})
    with pytest.raises(ValueError, match="b"):
        await along({**DIAMOND, "e": ["c"]}, work)
    assert work.ended == ["a", "b", "c", "e"]
    assert "d" not in work.begun


async def test_what_depends_on_a_failure_at_any_distance_is_not_begun() -> None:
    work = Work("a")
    with pytest.raises(ValueError, match="a"):
        await along({"a": [], "b": ["a"], "c": ["b"], "x": []}, work)
    assert sorted(work.begun) == ["a", "x"]


async def test_of_several_failures_the_first_file_s_is_raised() -> None:
    with pytest.raises(ValueError, match="a"):
        await along({"a": [], "b": []}, Work("a", "b", seconds={"a": 0.01}))


async def test_cancelling_stops_everything() -> None:
    work = Work(seconds=dict.fromkeys("abcd", 5))
    task = asyncio.create_task(along(DIAMOND, work))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)
    await asyncio.sleep(0)
    assert work.begun == work.ended == ["a"]
    assert len(asyncio.all_tasks()) == 1


@given(st.lists(st.lists(st.integers(0, 30), max_size=3), max_size=12))
def test_any_graph_is_worked_off_in_order(picks: list[list[int]]) -> None:
    graph = {f"f{n}": sorted({f"f{pick % n}" for pick in others}) if n else [] for n, others in enumerate(picks)}
    work = Work()
    shuffled = dict(reversed(graph.items()))
    assert list(asyncio.run(along(shuffled, work))) == list(shuffled)
    assert sorted(work.begun) == sorted(graph)
    for path in graph:
        before = work.begun[: work.begun.index(path)]
        assert set(graph[path]) <= set(before)
