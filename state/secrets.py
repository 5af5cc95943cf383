"""What must not leave the process: the keys in its environment, and whatever looks like one.

An endpoint may repeat the key that it was sent, in an error or in an answer; an exception may quote an address with
a password in it.  Text from outside passes here before it is kept, shown or sent on.
"""

import os
import re
from collections.abc import Callable, Mapping

Keys = list[tuple[str, str]]
"""Values and the names of their variables."""

_NAMES = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_CREDENTIALS")
_SHORTEST = 8
_SHORTEST_IN_ANSWERS = 20
"""Local endpoints are given keys such as `not-needed`: that may stand in generated code; no real key is so short."""

_SHAPES = re.compile(  # every repetition that something must follow is bounded: the text may be hostile
    r"\bsk-(?=[\w*-]{0,80}[\d*])[\w*-]{12,}"  # with a digit or a mask: sk-learn-contrib is a package
    r"|\blsv2_[a-z]{2}_\w{12,}"
    r"|\b(?:gsk|hf|ghp|xai|glpat)[_-][A-Za-z0-9]{20,}"
    r"|\bAIza[\w-]{30,}"
)
_PASSWORDS = re.compile(r"(?P<before>\b[a-z][a-z0-9+.-]{0,20}://)[^\s/?#@'\"]{1,300}@", re.IGNORECASE)
_BEARER = re.compile(r"(?P<before>\b(?:Bearer|Basic)\s{1,9})[\w.~+/=*-]{8,}", re.IGNORECASE)


def redacted(text: str) -> str:
    """A message without the environment's keys, without what looks like a key, and without passwords in addresses."""
    return redaction()(text)


def redaction() -> Callable[[str], str]:
    """The same for many texts: the environment is looked at once."""
    keys = _keys(os.environ, _SHORTEST)

    def clean(text: str) -> str:
        text = _BEARER.sub(r"\g<before>[secret]", _without(text, keys))
        return _SHAPES.sub("[secret]", _PASSWORDS.sub(r"\g<before>[secret]@", text))

    return clean


def without_keys(text: str) -> str:
    """An answer without the environment's keys; anything else in it is the model's own and stays to the letter."""
    return _without(text, _keys(os.environ, _SHORTEST_IN_ANSWERS))


def _without(text: str, keys: Keys) -> str:
    for value, name in keys:
        if value in text:
            text = text.replace(value, f"[{name}]")
    return text


def _keys(environment: Mapping[str, str], shortest: int) -> Keys:
    """The longest first: one may be the beginning of another."""
    named = [(value.strip(), name) for name, value in environment.items() if name.upper().endswith(_NAMES)]
    return sorted(((value, name) for value, name in named if len(value) >= shortest), key=lambda pair: -len(pair[0]))
