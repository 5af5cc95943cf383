"""What a trace shows of a run: prompts without the paper, artifacts once, no paths of this machine, no keys."""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from state.evaluation import EvaluationRequest
from state.published import Published
from state.secrets import redaction

_TAGS = "paper|part|file|header|answer|task|requirements?"
_OPENED = re.compile(rf"<(?P<mark>(?:{_TAGS})-[0-9a-f]{{8}})>\n")
_CLOSED = re.compile(rf"\n</(?P<mark>(?:{_TAGS})-[0-9a-f]{{8}})>")
_IMAGE = "data:image/"
_VERBATIM = frozenset({"quote", "evidence"})
"""Fields of artifacts that hold words of the paper, or of the code."""
_QUOTE = re.compile(r'("(?:quote|evidence)": *)"((?:[^"\\]|\\.)+)"')
"""The same in the JSON of an answer."""
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
    if key == "request" and value:  # of an evaluation; from a server's client it comes as a plain dict
        return EvaluationRequest.model_validate(value, from_attributes=True).named
    if isinstance(value, Published):
        return value.model_copy(update={"folder": PurePath(value.folder).name})
    return value


def scrubbed(value: Any, *, papers: bool) -> Any:
    """Any JSON without keys, and without papers and quoted files unless the user wants `papers` in the traces."""
    clean = redaction()
    return _each_text(value, clean if papers else lambda text: clean(_without_quotes(text)), papers=papers)


def _each_text(value: Any, change: Callable[[str], str], *, papers: bool) -> Any:
    if isinstance(value, dict):
        shown = (
            value if papers else {key: _untraced(inner) if key in _VERBATIM else inner for key, inner in value.items()}
        )
        return {
            _each_text(key, change, papers=papers): _each_text(inner, change, papers=papers)
            for key, inner in shown.items()
        }
    if isinstance(value, list):
        return [_each_text(inner, change, papers=papers) for inner in value]
    return change(value) if isinstance(value, str) else value


def _untraced(value: Any) -> Any:
    return f"[{len(value):,} characters, not traced]" if isinstance(value, str) and value else value


def _without_quotes(text: str) -> str:
    """What `prompts.quoted` put between tags is replaced by its length, and so are images and quotes of the paper.

    In one pass, as a paper may be full of tags.
    """
    if text.startswith(_IMAGE):
        return f"[an image, {len(text):,} characters, not traced]"
    text = _QUOTE.sub(lambda match: f'{match[1]}"[{len(match[2]):,} characters, not traced]"', text)
    closed: dict[str, list[int]] = {}
    for match in _CLOSED.finditer(text):
        closed.setdefault(match["mark"], []).append(match.start())
    kept, at = [], 0
    for match in _OPENED.finditer(text):
        ends = closed.get(match["mark"], [])
        nth = bisect_left(ends, match.end())
        if match.start() < at or nth == len(ends):
            continue
        kept += [text[at : match.end()], f"[{ends[nth] - match.end():,} characters, not traced]"]
        at = ends[nth]
    return "".join([*kept, text[at:]])
