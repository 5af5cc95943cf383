"""Commands whose work a server does, and what they leave here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

RUN = [
    "--model",
    "openai:o3-mini",
    "--rounds",
    "0",
    "--no-tests",
    "--no-execute",
    "--no-assess",
    "--output",
    "out",
    "--server",
]
CALLS = 2 + 4 + 2 * 5
Command = Callable[..., Result]


def events(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def tree(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
