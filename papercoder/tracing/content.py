"""What a trace shows of a run: prompts without the paper, artifacts once, no paths of this machine, no keys."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from state.artifacts import Published
from state.secrets import redacted

_QUOTED = re.compile(r"<(?P<mark>(?P<tag>paper|file)-[0-9a-f]{8})>\n(?P<text>.*?)\n</(?P=mark)>", re.DOTALL)
_PATHS = ("source", "base", "output")


def names_of(state: Mapping[str, Any]) -> dict[str, str]:
    """The inputs of a node: which parts of the state there are.  What is in them is the output of an earlier node."""
    return {key: _kind(key, value) for key, value in state.items()}


def _kind(key: str, value: object) -> str:
    if isinstance(value, str):
        return PurePath(value).name if key in _PATHS else f"{len(value):,} characters"
    return f"{len(value)} entries" if isinstance(value, (dict, list, tuple)) else type(value).__name__


def results_of(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a node: what it decided, in full, but for pasted papers and this machine's folders."""
    return {key: _result(key, value) for key, value in changes.items()}


def _result(key: str, value: object) -> object:
    if key in (*_PATHS, "text") and isinstance(value, str):
        return _kind(key, value)
    if isinstance(value, Published):
        return value.model_copy(update={"folder": PurePath(value.folder).name})
    return value


def scrubbed(value: Any, *, papers: bool) -> Any:
    """Any JSON without keys, and without papers and quoted files unless the user wants `papers` in the traces."""
    if isinstance(value, dict):
        return {scrubbed(key, papers=papers): scrubbed(inner, papers=papers) for key, inner in value.items()}
    if isinstance(value, list):
        return [scrubbed(inner, papers=papers) for inner in value]
    if isinstance(value, str):
        return redacted(value if papers else _QUOTED.sub(_left_out, value))
    return value


def _left_out(match: re.Match[str]) -> str:
    return f"<{match['mark']}>\n[{len(match['text']):,} characters, not traced]\n</{match['mark']}>"
