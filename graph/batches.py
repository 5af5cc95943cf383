"""Many independent questions, a bounded number of them under way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def bounded(items: Iterator[T], work: Callable[[T], Awaitable[R]], most: int) -> list[R]:
    """`work` for every item, at most so many at once; the results in the items' order.

    An item is made when its turn has come: thousands of prompts are never in memory together.  After a failure no
    further item is begun; what is in flight is let finish, because it is paid for, and the first failure is raised.
    """
    results: dict[int, R] = {}
    failures: list[BaseException] = []
    numbered = enumerate(items)

    async def worker() -> None:
        for number, item in numbered:
            if failures:
                return
            try:
                results[number] = await work(item)
            except BaseException as failure:  # an end of the loop, too: nobody begins another item after it
                failures.append(failure)
                raise

    ended = await asyncio.gather(*(worker() for _ in range(most)), return_exceptions=True)
    if failures:
        raise failures[0]
    if raised := [end for end in ended if end is not None]:  # making an item failed
        raise raised[0]
    return [results[number] for number in sorted(results)]
