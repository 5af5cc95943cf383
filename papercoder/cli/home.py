"""Where runs are kept: the options that say it, and the door to what is there."""

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

database_option = click.option(
    "--database", envvar="PAPERCODER_DATABASE", show_envvar=True, default="", metavar="URL",
    help="Keep runs in this PostgreSQL database, postgresql://…, rather than in the home folder.",
)  # fmt: skip


def open_home(folder: Path, database: str = "") -> AbstractAsyncContextManager["Home"]:
    """Looked up late, as `home.open_home`, so that tests can put another one in its place."""
    from papercoder import runs

    return runs.open_home(folder, database)


def place(folder: Path, database: str) -> str:
    """Where runs are kept, for people."""
    if not database:
        return str(folder)
    from papercoder.storage.address import read_address

    return f"the {read_address(database).name}"


def ask_home(folder: Path, database: str, question: Callable[["Home"], Awaitable[T]]) -> T:
    """Open what runs keep, ask it something, close it."""
    import asyncio

    async def ask() -> T:
        async with open_home(folder, database) as home:
            return await question(home)

    return asyncio.run(ask())
