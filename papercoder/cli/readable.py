"""Typed data as text that reads well: keys, indentation and bullets, without quotes and brackets."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

WIDTH = 100


def readable(value: Any) -> str:
    """Any JSON value as indented text."""
    return "\n".join(_lines(value, "")) + "\n"


def _lines(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(str(key).replace("_", " "), item, indent)
    elif isinstance(value, list):
        for item in value:
            yield from _bullet(item, indent)
    else:
        yield from _wrapped(_scalar(value), indent, indent)


def _entry(key: str, value: Any, indent: str) -> Iterator[str]:
    if _is_empty(value):
        return
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        short = ", ".join(map(_scalar, value))
        if len(short) + len(key) < WIDTH - len(indent):
            value = short
    if isinstance(value, dict | list):
        yield f"{indent}{key}:"
        yield from _lines(value, indent + "  ")
    else:
        yield from _wrapped(f"{key}: {_scalar(value)}", indent, indent + "  ")


def _bullet(item: Any, indent: str) -> Iterator[str]:
    lines = list(_lines(item, indent + "  "))
    if lines:
        yield f"{indent}- {lines[0].lstrip()}"
        yield from lines[1:]


def _wrapped(text: str, first: str, rest: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines() or [""]):
        lead = rest if number else first
        yield from wrap(line, WIDTH, initial_indent=lead, subsequent_indent=rest, break_long_words=False) or [lead]


def _scalar(value: Any) -> str:
    return {True: "yes", False: "no", None: "–"}[value] if value is None or isinstance(value, bool) else str(value)


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}
