"""What a client of a server may name: paths of the server's disk, and endpoints that get the server's key.

Who types a command acts for himself.  Who sends a run to a server acts with the server's disk, network and keys, so
there nothing is allowed that its operator has not listed in the environment:

| variable | what it allows |
|---|---|
| PAPERCODER_ALLOWED_FOLDERS | folders for papers, base repositories, recordings and output, separated as in PATH |
| PAPERCODER_MODEL_URLS | model endpoints, separated by commas; each allows the addresses that begin with it |
| PAPERCODER_SANDBOXES | what generated code may be run in, separated by commas, beside auto, bubblewrap and landlock |
| OPENAI_BASE_URL | the operator's own endpoint, always allowed |

Without `output` a repository goes to a folder of the home that is named by the run; naming one there is not allowed,
since it may be another client's.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from state.context import Context
from state.errors import InputError

CONTAINED = frozenset({"auto", "bubblewrap", "landlock"})
"""Sandboxes that any client may ask for.  `none`, no containment at all, no operator can allow."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Policy:
    """`folders` and `home` are real paths."""

    folders: tuple[Path, ...]
    home: Path
    urls: tuple[str, ...]
    sandboxes: frozenset[str] = CONTAINED

    @classmethod
    def of(cls, environment: Mapping[str, str], home: Path) -> "Policy":
        """As the operator's environment says; a folder that is not absolute is refused, it would depend on luck."""
        folders = [Path(name) for name in environment.get("PAPERCODER_ALLOWED_FOLDERS", "").split(os.pathsep) if name]
        for folder in folders:
            if not folder.is_absolute():
                raise InputError(
                    f"PAPERCODER_ALLOWED_FOLDERS names {str(folder)!r}, which is not absolute.",
                    "Set it to absolute folders, separated as in PATH.",
                )
        sandboxes = environment.get("PAPERCODER_SANDBOXES", "")
        urls = [*environment.get("PAPERCODER_MODEL_URLS", "").split(","), environment.get("OPENAI_BASE_URL", "")]
        return cls(
            folders=tuple(Path(os.path.realpath(folder)) for folder in folders),
            home=Path(os.path.realpath(home)),
            urls=tuple(url.strip() for url in urls if url.strip()),
            sandboxes=(CONTAINED | {name.strip() for name in sandboxes.split(",")}) - {"none", ""},
        )


def allowed_input(policy: Policy, name: str) -> Path:
    """The real path of a paper, base repository or folder of recordings.

    Read this path, not `name`: no link is left in it that could be turned between the check and the reading.  What
    may still be exchanged is a folder of the path itself, by who can write there: list folders that only the
    operator writes.
    """
    real = _real(name)
    if any(real.is_relative_to(folder) for folder in policy.folders) and not real.is_relative_to(policy.home):
        return real
    raise InputError(
        f"This server does not read {name!r} for its clients.",
        "Send the paper as `text`, or ask the operator to list its folder in PAPERCODER_ALLOWED_FOLDERS.",
    )


def allowed_output(policy: Policy, name: str) -> Path:
    """The real path of the folder to write, which need not exist: inside an allowed one, never that one itself."""
    real = _real(name)
    if any(folder in real.parents for folder in policy.folders) and not _overlap(real, policy.home):
        return real
    raise InputError(
        f"This server does not write {name!r} for its clients.",
        "Leave out output, or ask the operator to list a folder in PAPERCODER_ALLOWED_FOLDERS.",
    )


def _real(name: str) -> Path:
    if "\0" in name or not Path(name).is_absolute():
        raise InputError(f"{name!r} is not an absolute path.", "A server does not know your working folder.")
    return Path(os.path.realpath(name))


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def check_endpoint(policy: Policy, url: str) -> None:
    """Raises `InputError` unless the address begins with one that the operator listed.

    Scheme, host and port must be the same and the path must lie below the listed one, part by part.
    """
    asked = _address(url)
    if asked is None:
        raise InputError("The base URL is not a plain http(s) address.", "Give it as https://host/v1, without a key.")
    if not any(_lies_below(asked, known) for known in map(_address, policy.urls) if known):
        raise InputError(
            f"This server does not send its key to {asked.scheme}://{asked.netloc}.",
            "Leave out base_url, or ask the operator to list the address in PAPERCODER_MODEL_URLS.",
        )


def _address(url: str) -> SplitResult | None:
    """The parts of an address; None for what could be read in two ways, or says more than a place."""
    if not url.isascii() or not url.isprintable() or any(character in url for character in "\\ @?#;%"):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        return None
    return None if {".", ".."} & set(parts.path.split("/")) else parts


def _lies_below(asked: SplitResult, known: SplitResult) -> bool:
    if (asked.scheme, asked.hostname, _port(asked)) != (known.scheme, known.hostname, _port(known)):
        return False
    return (asked.path.rstrip("/") + "/").startswith(known.path.rstrip("/") + "/")


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def allowed_context(policy: Policy, context: Context) -> Context:
    """The settings of a client's run, with recordings' folders made real; raises `InputError` where they overreach."""
    if context.base_url is not None:
        check_endpoint(policy, context.base_url)
    if context.sandbox not in policy.sandboxes:
        raise InputError(
            f"This server does not run generated code in {context.sandbox!r} for its clients.",
            f"Name one of {', '.join(sorted(policy.sandboxes))}, or leave sandbox out.",
        )
    models = {role: _allowed_model(policy, name) for role, name in context.models.items()}
    return context.model_copy(update={"model": _allowed_model(policy, context.model), "models": models})


def _allowed_model(policy: Policy, name: str) -> str:
    kind, _, folder = name.partition(":")
    return f"replay:{allowed_input(policy, folder)}" if kind == "replay" else name
