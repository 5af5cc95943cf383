"""The journal of this process, where no `Home` has opened one: a LangGraph server loads the graph, not our CLI."""

import asyncio
import os
import weakref
from contextlib import AsyncExitStack
from contextvars import ContextVar
from pathlib import Path

from papercoder.storage.database import open_journal
from papercoder.storage.journal import Journal

_Loop = asyncio.AbstractEventLoop
_locks: weakref.WeakKeyDictionary[_Loop, asyncio.Lock] = weakref.WeakKeyDictionary()
_journals: weakref.WeakKeyDictionary[_Loop, tuple[Journal, AsyncExitStack]] = weakref.WeakKeyDictionary()
"""Each with what closes it.  While that lives the journal stays open; the end of its loop closes it, and only then
can the process end: its connection has a thread."""

_home: ContextVar[Path | None] = ContextVar("home", default=None)


def use_home(folder: Path) -> None:
    """Make this the home folder for what is begun from here: what `--home` says."""
    _home.set(folder)


def home_folder() -> Path:
    """What `use_home` said, else the environment variable PAPERCODER_HOME, else `.papercoder` in the working folder."""
    return _home.get() or Path(os.environ.get("PAPERCODER_HOME", ".papercoder"))


async def process_journal() -> Journal:
    """The journal in the database that PAPERCODER_DATABASE names, else in the home folder; once for each event loop."""
    loop = asyncio.get_running_loop()
    async with _locks.setdefault(loop, asyncio.Lock()):
        if loop not in _journals:
            folder, url = home_folder(), os.environ.get("PAPERCODER_DATABASE", "")
            if not url:
                await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            stack = AsyncExitStack()
            opening = await asyncio.to_thread(open_journal, folder, url)  # imports a driver, which must not block
            _journals[loop] = await stack.enter_async_context(opening), stack
        return _journals[loop][0]
