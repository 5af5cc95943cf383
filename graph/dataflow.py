"""Work on files along their dependencies: each begins as soon as the ones it depends on are done."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


async def each(paths: Sequence[str], work: Callable[[str], Awaitable[T]]) -> dict[str, T]:
    """All files side by side."""
    return await along(dict.fromkeys(paths, ()), lambda path, _: work(path))


async def along(
    dependencies: Mapping[str, Sequence[str]], work: Callable[[str, Mapping[str, T]], Awaitable[T]]
) -> dict[str, T]:
    """`work(path, done)` for every file, `done` holding all that it depends on, directly or not.

    One failure does not stop the others: what can still be done is done, because what is in flight is paid for.
    Then the first failure is raised.  A file whose dependency failed is not begun.
    """
    order = list(dependencies)
    finished: dict[str, asyncio.Future[bool]] = {path: asyncio.get_running_loop().create_future() for path in order}
    done: dict[str, T] = {}

    async def run(path: str) -> None:
        try:
            if all([await asyncio.shield(finished[other]) for other in dependencies[path]]):
                done[path] = await work(path, done)
        finally:
            finished[path].set_result(path in done)

    results = await asyncio.gather(*(run(path) for path in order), return_exceptions=True)
    for failure in results:
        if failure is not None:
            raise failure
    return {path: done[path] for path in order}
