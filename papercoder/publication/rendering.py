"""The templates of what publication writes, filled in strictly: a missing variable raises."""

import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from state.plan import Availability
from state.shares import percent

HOW: Mapping[Availability, str] = {
    "package": "comes with a package",
    "download": "download",
    "restricted": "on request only",
    "unavailable": "not to be had",
}
"""How a resource can be had, in words."""

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
    environment.filters["oneline"] = lambda text: " ".join(str(text).split())
    environment.filters["cell"] = lambda text: " ".join(str(text).split()).replace("|", "\\|")
    environment.filters["code"] = _code
    environment.filters["amount"] = _amount
    environment.filters["basename"] = lambda path: path.rpartition("/")[2]
    return environment


def _code(text: str) -> str:
    """What stands between backticks in a table, whatever a program printed."""
    plain = "".join(character for character in " ".join(text.split()) if character.isprintable())
    return plain.replace("`", "'").replace("|", "\\|")


def _amount(value: float, spread: float | None) -> str:
    return f"{value:.4g}" if spread is None else f"{value:.4g} ± {spread:.2g}"
