"""`python -m benchmarks.simulator --files 10`: the simulated provider in the foreground, until Ctrl-C."""

import argparse
import asyncio
import json
from collections.abc import Callable
from dataclasses import Field, fields
from typing import Any

from benchmarks.simulator.server import serve
from benchmarks.simulator.settings import Settings


def parser() -> argparse.ArgumentParser:
    """A flag for every setting."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.simulator", description=Settings.__doc__)
    for setting in fields(Settings):
        made.add_argument("--" + setting.name.replace("_", "-"), type=_reader(setting), default=argparse.SUPPRESS)
    return made


def _reader(setting: "Field[Any]") -> Callable[[str], Any]:
    known: dict[Any, Callable[[str], Any]] = {int: int, float: float, bool: _truth}
    if str(setting.type).startswith("list"):
        return json.loads
    return known.get(setting.type, str)


def _truth(text: str) -> bool:
    return text.lower() in ("1", "true", "yes", "on")


def main() -> None:
    """Reads the flags and serves."""
    asyncio.run(serve(Settings(**vars(parser().parse_args()))))


if __name__ == "__main__":
    main()
