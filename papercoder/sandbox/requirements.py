"""Reading requirements.txt, which foreign code brings: names and versions, and nothing that an installer would obey."""

import re

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


class InstallError(RuntimeError):
    """The environment could not be made; the message ends with the last lines of the installer."""


class RefusedRequirement(InstallError):
    """A line of requirements.txt that is more than a package's name and versions."""


def parse_requirements(text: str) -> list[str]:
    """The requirements, rewritten so that no installer can take one for an option, a path or an address."""
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    return sorted({_plain(line) for line in lines if line})


def _plain(line: str) -> str:
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        raise RefusedRequirement(f"requirements.txt: {line!r} is not a package with versions: {error}") from error
    # `===` takes any string, also one that pip reads as the path of a wheel.
    if requirement.url or any(specifier.operator == "===" for specifier in requirement.specifier):
        raise RefusedRequirement(f"requirements.txt: {line!r}: only names, extras and versions are allowed")
    requirement.name = canonicalize_name(requirement.name)  # without dots, so never a file such as `x.whl`
    return str(requirement)
