"""The templates of what publication writes, filled in strictly: a missing variable raises."""

import shlex
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from state.shares import percent

_FOLDER = Path(__file__).parent / "templates"


def render(name: str, *, markup: bool = False, **values: Any) -> str:
    """`templates/NAME.jinja`.  In `markup` every value is escaped."""
    return _environment(markup).get_template(f"{name}.jinja").render(**values)


@cache
def _environment(markup: bool) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        undefined=jinja2.StrictUndefined,
        autoescape=markup,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["percent"] = percent
    environment.filters["shell"] = shlex.quote
    environment.filters["cell"] = lambda text: " ".join(str(text).split()).replace("|", "\\|")
    return environment
