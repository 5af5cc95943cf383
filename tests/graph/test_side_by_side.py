"""Nodes side by side: no failure takes away what another has paid for."""

import asyncio

import pytest

from graph.side_by_side import side_by_side


async def fails(run: str = "run") -> None:
    async with side_by_side(run):
        await asyncio.sleep(0)
        raise ValueError("first")


async def test_a_failure_waits_until_the_others_have_done_their_work() -> None:
    told: list[str] = []

    async def works() -> None:
        async with side_by_side("run"):
            await asyncio.sleep(0.02)
            told.append("worked")

    async def fails_and_tells() -> None:
        with pytest.raises(ValueError, match="first"):
            await fails()
        told.append("failed")

    await asyncio.gather(works(), fails_and_tells())
    assert told == ["worked", "failed"]


async def test_two_that_fail_do_not_wait_for_each_other_for_ever() -> None:
    async with asyncio.timeout(1):
        found = await asyncio.gather(fails(), fails(), return_exceptions=True)
    assert [type(one) for one in found] == [ValueError, ValueError]


async def test_alone_or_beside_another_run_nobody_waits() -> None:
    async with asyncio.timeout(1), side_by_side("another"):
        with pytest.raises(ValueError, match="first"):
            await fails()


async def test_who_is_cancelled_does_not_wait() -> None:
    async def waits() -> None:
        async with side_by_side("run"):
            await asyncio.sleep(10)

    async with asyncio.timeout(1), side_by_side("run"):
        task = asyncio.create_task(waits())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
