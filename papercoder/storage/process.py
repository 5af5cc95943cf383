"""The journal of this process, where no `Home` has opened one: a LangGraph server loads the graph, not our CLI."""

import asyncio
import os
import weakref
from pathlib import Path

from papercoder.storage.journal import Journal, connect_journal

DATABASE = "papercoder.db"

_journals: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Journal] = weakref.WeakKeyDictionary()
_opening = asyncio.Lock()


def home_folder() -> Path:
    """`.papercoder` in the working folder, or what the environment variable PAPERCODER_HOME says."""
    return Path(os.environ.get("PAPERCODER_HOME", ".papercoder"))


async def process_journal() -> Journal:
    """The journal in the home folder, opened once for each event loop; it ends with the process."""
    loop = asyncio.get_running_loop()
    async with _opening:
        if loop not in _journals:
            folder = home_folder()
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            _journals[loop] = await connect_journal(folder / DATABASE)
        return _journals[loop]
