"""The home folder: the option that names it, and the door to what runs keep in it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from papercoder.cli.names import DEFAULT_HOME

if TYPE_CHECKING:
    from papercoder.runs import Home

T = TypeVar("T")

home_option = click.option(
    "--home", type=click.Path(file_okay=False, path_type=Path), default=DEFAULT_HOME, show_default=True,
    envvar="PAPERCODER_HOME", show_envvar=True, metavar="DIR", help="The folder that keeps runs.",
)  # fmt: skip


def open_home(folder: Path) -> AbstractAsyncContextManager["Home"]:
    """Looked up late, as `home.open_home`, so that tests can put another one in its place."""
    from papercoder import runs

    return runs.open_home(folder)


def ask_home(folder: Path, question: Callable[["Home"], Awaitable[T]]) -> T:
    """Open the home folder, ask it something, close it."""
    import asyncio

    async def ask() -> T:
        async with open_home(folder) as home:
            return await question(home)

    return asyncio.run(ask())
