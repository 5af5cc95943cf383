"""Generated code that hangs touches a file as long as it lives (`HANGS` of the simulator): whether any of it does."""

import time
from pathlib import Path


def beats(home: Path) -> dict[Path, float]:
    """When each was last seen alive, by the file that it touches in the scratch folders of this home."""
    return {path: path.stat().st_mtime for path in (home / "work").glob("run-*/beat")}


def is_gone(home: Path) -> bool:
    """Nothing of it beats any more, wherever it was started."""
    for _ in range(300):
        before = beats(home)
        time.sleep(0.2)
        if beats(home) == before:
            return True
    return False
