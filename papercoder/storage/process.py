"""The journal of this process, where no `Home` has opened one: a LangGraph server loads the graph, not our CLI."""

import asyncio
import os
import weakref
from contextlib import AsyncExitStack
from pathlib import Path

from papercoder.storage.journal import Journal, open_journal

DATABASE = "papercoder.db"

_Loop = asyncio.AbstractEventLoop
_locks: weakref.WeakKeyDictionary[_Loop, asyncio.Lock] = weakref.WeakKeyDictionary()
_journals: weakref.WeakKeyDictionary[_Loop, tuple[Journal, AsyncExitStack]] = weakref.WeakKeyDictionary()
"""Each with what closes it.  While that lives the journal stays open; the end of its loop closes it, and only then
can the process end: its connection has a thread."""


_home: Path | None = None


def use_home(folder: Path) -> None:
    """Make this the home folder of the process: what `--home` says."""
    global _home
    _home = folder


def home_folder() -> Path:
    """What `use_home` said, else the environment variable PAPERCODER_HOME, else `.papercoder` in the working folder."""
    return _home or Path(os.environ.get("PAPERCODER_HOME", ".papercoder"))


async def process_journal() -> Journal:
    """The journal in the home folder, opened once for each event loop."""
    loop = asyncio.get_running_loop()
    async with _locks.setdefault(loop, asyncio.Lock()):
        if loop not in _journals:
            folder = home_folder()
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            stack = AsyncExitStack()
            _journals[loop] = await stack.enter_async_context(open_journal(folder / DATABASE)), stack
        return _journals[loop][0]
