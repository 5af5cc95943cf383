"""From an installer's words to what went wrong with which package."""

import re
from collections.abc import Callable

from papercoder.sandbox import InstallError, RefusedRequirement
from state.execution import Failure

OFFLINE = re.compile(
    r"Failed to fetch|dns error|error sending request|Connection refused|tcp connect error|operation timed out"
    r"|Network connectivity is disabled|name resolution|Failed to establish a new connection|Name or service not known",
    re.IGNORECASE,
)
PACKAGE = re.compile(
    r"[Bb]ecause ([\w.-]+?)(?:\[[\w,.-]*\])? (?:was not found|has no)|no versions? of ([\w.-]+)"
    r"|Failed to build `?([\w.-]+)|No matching distribution found for ([\w.-]+)|Failed to download `?([\w.-]+)"
    r"|Because only (?:the following versions of )?([\w.-]+)"
)
VERSION = re.compile(r"==.*$")
LAST_LINES = 25


def install_failure(error: InstallError, requirements: str) -> Failure:
    """Which package, on which line of requirements.txt; or that the index could not be reached."""
    words = str(error)
    message = next((line for line in words.splitlines() if line.strip()), "")
    tail = "\n".join(words.splitlines()[-LAST_LINES:])
    if isinstance(error, RefusedRequirement):
        return _impossible(message, "", _line_with(requirements, lambda text: repr(text) in words), "")
    if OFFLINE.search(words):
        return Failure(kind="installer offline", message="the package index could not be reached", traceback=tail)
    found = PACKAGE.search(words)
    package = VERSION.sub("", next(filter(None, found.groups()), "")) if found else ""
    line = _line_with(requirements, lambda text: bool(package) and _name(text) == _name(package))
    return _impossible(_reason(words) or message, package, line, tail)


def _impossible(message: str, package: str, line: int, tail: str) -> Failure:
    return Failure(
        kind="package impossible", message=message, subject=package, file="requirements.txt", line=line, traceback=tail
    )


def _reason(words: str) -> str:
    """uv's own sentence, which runs over several lines."""
    lines = iter(words.splitlines())
    for line in lines:
        if line.lstrip(" ╰─▶×").startswith(("Because", "Failed to build", "ERROR: No matching")):
            sentence = [line.lstrip(" ╰─▶×"), *(more.strip() for more in lines if more.startswith("      "))]
            return " ".join(sentence)
    return ""


def _line_with(requirements: str, is_it: Callable[[str], bool]) -> int:
    for number, line in enumerate(requirements.splitlines(), 1):
        if is_it(line.partition("#")[0].strip()):
            return number
    return 0


def _name(requirement: str) -> str:
    match = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""
