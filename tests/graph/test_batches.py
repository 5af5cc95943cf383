"""Many questions, few of them under way."""

import asyncio
from collections.abc import Iterator

import pytest

from graph.batches import bounded


async def test_results_come_in_the_order_of_the_items_however_long_each_takes() -> None:
    async def work(number: int) -> int:
        await asyncio.sleep(0.001 * (number % 5))
        return number * number

    assert await bounded(iter(range(50)), work, 7) == [number * number for number in range(50)]


async def test_items_are_made_when_their_turn_comes() -> None:
    made = done = 0
    most = 0

    def items() -> Iterator[int]:
        nonlocal made, most
        for number in range(3_000):
            made += 1
            most = max(most, made - done)
            yield number

    async def work(number: int) -> None:
        nonlocal done
        await asyncio.sleep(0)
        done += 1

    await bounded(items(), work, 8)
    assert done == 3_000
    assert most <= 9


async def test_after_a_failure_nothing_is_begun_and_what_is_under_way_is_finished() -> None:
    begun: list[int] = []
    finished: list[int] = []

    async def work(number: int) -> None:
        begun.append(number)
        await asyncio.sleep(0.001 if number == 3 else 0.01)
        if number == 3:
            raise ValueError("no more")
        finished.append(number)

    with pytest.raises(ValueError, match="no more"):
        await bounded(iter(range(100)), work, 5)
    assert begun == [0, 1, 2, 3, 4]
    assert finished == [0, 1, 2, 4]


async def test_an_item_that_cannot_be_made_is_an_error() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("unmade")

    async def work(number: int) -> int:
        return number

    with pytest.raises(ValueError, match="unmade"):
        await bounded(items(), work, 4)


async def test_nothing_to_do_is_done_at_once() -> None:
    async def work(number: int) -> int:
        return number

    assert await bounded(iter([]), work, 4) == []
